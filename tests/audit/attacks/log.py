"""What the tests of attacks need to know of each format of the log."""

from typing import NamedTuple


class Log(NamedTuple):
    """A format of the log.

    Args:
        attacks: For each attack what is done and what is found: each finding's kind, its seal
            (counted from the last but one, None for none), whether it names the transaction of
            keys 20 to 22 (or of which key, or which number), and n.
        edit: A statement that edits the row with a key.
        undo_redaction: A statement that edits the redacted row.
        recompute_from: A statement that recomputes every hash from a seal on.
        tables: Its tables, the one with the rows first.
        transaction: A query for the number of a key's transaction.
        read_by: What the verifier's query for the rows contains.
        edited: Keys to edit, each with its row's n.
        missing: The kind of finding when all rows are gone.
        missing_count: A query for the number of such findings.
    """

    attacks: dict[str, tuple]
    edit: str
    undo_redaction: str
    recompute_from: str
    tables: tuple[str, ...]
    transaction: str
    read_by: str
    edited: tuple[tuple[str, int], ...]
    missing: str
    missing_count: str
