"""Writes a command's result where its user asked for it."""

from pathlib import Path

from plumbline.cli.errors import PlumbError


def write_output(path: Path, text: str, exit_code: int = 1) -> None:
    """Write a file that the user named.

    Args:
        path: Where.
        text: What.
        exit_code: The process's exit code when it cannot be written.

    Raises:
        PlumbError: It cannot be written; the message says why.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PlumbError(
            f"{path} cannot be written: {error.strerror}",
            "Name a file in a directory that you may write to.",
            exit_code,
        ) from error
