"""The one error that a command shows its user: what is wrong, and what to do about it."""

from .exit_codes import COULD_NOT_JUDGE


class PlumbError(Exception):
    """A mistake or a missing thing that the user can repair.

    Args:
        message: What is wrong, naming the value.
        hint: What to do about it; printed on a line of its own.
        exit_code: The process's exit code: one of core.exit_codes.
    """

    def __init__(self, message: str, hint: str = "", exit_code: int = COULD_NOT_JUDGE) -> None:
        """Keep message, hint and exit code for the command line to print."""
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code
