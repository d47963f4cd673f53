"""Export to plain PyTorch and ONNX."""
