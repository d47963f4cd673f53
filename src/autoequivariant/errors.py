"""Everything this package raises on purpose: one sentence that names the thing and the remedy."""


class AutoequivariantError(Exception):
    """Base of all errors that a user can cause and mend; the command line prints it and exits with
    2.
    """


class SettingsError(AutoequivariantError, ValueError):
    """An option or argument has a value that cannot be used."""


class SymmetryError(AutoequivariantError, ValueError):
    """A symmetry is unknown, malformed, or not defined on a domain."""


class ActionError(SymmetryError):
    """The action on a hidden domain is not a homomorphic image of the action on the input."""


class DataError(AutoequivariantError, ValueError):
    """A data set cannot be read, or cannot be used as it is."""


class RunError(AutoequivariantError, OSError):
    """A run's folder cannot be read, written or continued."""


class ModelError(AutoequivariantError, ValueError):
    """A saved model does not fit its description."""
