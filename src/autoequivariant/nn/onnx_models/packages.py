"""`onnx` and `onnxruntime`: an extra (`export`), imported when they are needed."""

from __future__ import annotations

from typing import Any

from autoequivariant.errors import SettingsError

_SILENT = 4  # onnxruntime's severity of fatal errors: others are raised, and need no line as well


def onnx_package() -> Any:
    """Return the package `onnx`.

    Raises:
        SettingsError: it is not installed.
    """
    try:
        import onnx
    except ImportError:
        raise _not_installed() from None
    return onnx


def session_of(content: bytes) -> Any:
    """Return what runs a model on the CPU.

    Raises:
        SettingsError: onnxruntime is not installed.
        Exception: of onnxruntime, if it does not accept the model.
    """
    try:
        import onnxruntime
    except ImportError:
        raise _not_installed() from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _not_installed() -> SettingsError:
    return SettingsError(
        "ONNX models need onnx and onnxruntime: pip install -c constraints.txt -e '.[export]'."
    )
