"""LunaSec for Python: tokens that are useless without the user's own session."""

__version__ = "0.1.0"
