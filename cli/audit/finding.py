"""What a verification finds, and how its texts read; see *Findings* in docs/audit.md."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is not as it should be."""

    kind: str
    seal: int | None = None
    txid: int | None = None
    n: int | None = None
    relation: str | None = None
    expected: str | None = None
    actual: str | None = None


def missing_seal(seal_id: int) -> Finding:
    """Return the finding of a seal that is not there."""
    return Finding("seal_missing", seal_id, expected=f"seal {seal_id}", actual="none")


def members(rows: int | None, transactions: int | None, digest: bytes | None) -> str:
    """Say what a seal states of what it closes."""
    return f"{_text(rows)} rows in {_text(transactions)} transactions, {hexed(digest, '')}"


def row_count(count: int | None) -> str:
    """Say how many rows."""
    return f"{_text(count)} rows"


def row_range(first: int | None, last: int | None) -> str:
    """Say from which row to which."""
    return f"rows {_text(first)} to {_text(last)}"


def block_range(first: int, last: int) -> str:
    """Name blocks that are missing."""
    return f"block {first}" if first >= last else f"blocks {first} to {last}"


def hexed(stored: bytes | None, absent: str | None = "none") -> str | None:
    """Return a hash in hex, or what stands for one that is absent."""
    return absent if stored is None else stored.hex()


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
