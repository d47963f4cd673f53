"""ONNX models of any origin: how they take samples, and models that are made of them."""
