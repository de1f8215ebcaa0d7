"""One finding of the doctor, and how probes run so that a failing one does not stop the others."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import psycopg

from ...core.errors import PlumbError
from ...core.explain import first_line


class Finding(NamedTuple):
    """What is so at one place: ok, warning, wrong or unknown, and what to do about it."""

    area: str
    subject: str
    status: str
    why: str
    remedy: str = ""


class Answer(NamedTuple):
    """What a probe found: the status, why, and what to do about it."""

    status: str
    why: str
    remedy: str = ""


Probe = Callable[[], Answer]


def gather(area: str, probes: dict[str, Probe]) -> Iterator[Finding]:
    """Yield the finding of each probe; one that fails is unknown.

    Args:
        area: What they look at.
        probes: The probes by what each looks at.
    """
    for subject, probe in probes.items():
        try:
            answer = probe()
        except PlumbError as error:
            answer = Answer("wrong", str(error), error.hint)
        except psycopg.errors.InsufficientPrivilege as error:
            answer = Answer(
                "unknown", f"it may not be seen: {first_line(error)}", "Ask as a superuser."
            )
        except (psycopg.Error, OSError) as error:
            answer = Answer("unknown", first_line(error))
        yield Finding(area, subject, *answer)


def named(names: list[str], shown_max: int = 5) -> str:
    """Return the first names of a list, and how many more there are.

    Args:
        names: The names.
        shown_max: How many are named.
    """
    more = len(names) - shown_max
    return ", ".join(names[:shown_max]) + (f" and {more} more" if more > 0 else "")
