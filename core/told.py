"""What a command that acts did, for a program: one JSON object at its end.

Meanwhile what it prints, and what programs print that it starts, goes to the standard error, so
that the standard output holds JSON and nothing else.
"""

import io
import os
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

# A scheduler that runs for weeks says more than anybody reads.
MESSAGES_MAX = 1000


class Told(io.StringIO):
    """Takes what a command prints: its lines, and the fields that it tells a program."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        super().__init__()
        self.messages: deque[str] = deque(maxlen=MESSAGES_MAX)
        self.fields: dict[str, Any] = {}
        self._begun = ""

    def write(self, text: str, /) -> int:
        """Pass a text on to people, and keep its lines."""
        sys.stderr.write(text)
        sys.stderr.flush()
        *lines, self._begun = (self._begun + text).split("\n")
        self.messages.extend(line.rstrip() for line in lines if line.strip())
        return len(text)

    def fileno(self) -> int:
        """Return the standard output's number: what children inherit."""
        return 1


_listeners: list[Told] = []


@contextmanager
def collected() -> Iterator[Told]:
    """Collect what is printed and told, and show people what is printed on the standard error.

    Yields:
        What is collected.
    """
    told = Told()
    _listeners.append(told)
    sys.stdout.flush()
    output = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(told):
            yield told
    finally:
        os.dup2(output, 1)
        os.close(output)
        _listeners.pop()


def tell(**fields: Any) -> bool:
    """Tell a program what was done, where one reads it.

    Args:
        **fields: Those that cli/manual.py documents for the command.

    Returns:
        Whether a program reads them.
    """
    for listener in _listeners:
        listener.fields |= fields
    return bool(_listeners)
