"""The byte format of the audit log, written from docs/audit.md and from nothing else.

Only the standard library is used and none of our SQL: a person who does not trust the database can
read this file in ten minutes and check everything with it.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

GROUP_SIZE = 128
SALT_BYTES = 32
DIGEST_BYTES = 32
# What stands in place of the salt of a redacted row.
NO_SALT = bytes(SALT_BYTES)


def sha256(*parts: bytes) -> bytes:
    """Return the 32 raw bytes of SHA-256 over the parts joined."""
    return hashlib.sha256(b"".join(parts)).digest()


def int2(value: int) -> bytes:
    """Return a big-endian 16-bit integer."""
    return struct.pack(">h", value)


def int4(value: int) -> bytes:
    """Return a big-endian 32-bit integer."""
    return struct.pack(">i", value)


def int8(value: int) -> bytes:
    """Return a big-endian 64-bit integer, unsigned above 2^63 as xid8 is."""
    return struct.pack(">q", value) if value < 1 << 63 else struct.pack(">Q", value)


def field(text: str | None) -> bytes:
    """Return a text with its length in front; null has length -1 and nothing more."""
    if text is None:
        return int4(-1)
    data = text.encode("utf-8")
    return int4(len(data)) + data


@dataclass(frozen=True)
class Row:
    """One row of plumb.audit_rows (format 1); occurred_at in microseconds since 2000-01-01 UTC."""

    base_seal: int
    txid: int
    n: int
    format: int
    occurred_at: int
    op: str
    relation: str
    record_key: str | None
    actor: str
    app_user: str
    old_row: str | None
    new_row: str | None
    salt: bytes | None
    payload_digest: bytes | None
    prev_hash: bytes
    row_hash: bytes

    @property
    def is_redacted(self) -> bool:
        """Whether the payload was erased and only its digest is left."""
        return self.payload_digest is not None

    @property
    def has_one_digest(self) -> bool:
        """Whether it has a salt of 32 bytes or a stored digest, but not both."""
        if self.is_redacted:
            return self.salt is None
        return self.salt is not None and len(self.salt) == SALT_BYTES

    def payload(self) -> bytes:
        """Return what the payload's digests cover, without the salt."""
        key = ":" if self.record_key is None else f"{len(self.record_key)}:{self.record_key}"
        return f"{key}{self.old_row or ''}\n{self.new_row or ''}".encode()

    def digest(self) -> bytes | None:
        """Return the payload's digest: stored, or from salt and payload; None without either."""
        if self.payload_digest is not None:
            return self.payload_digest
        if self.salt is None:
            return None
        return sha256(self.salt, self.payload())

    def remains(self) -> str:
        """Return the hex digest that a REDACT row lists for what is left of this row."""
        return sha256(self.payload()).hex()

    def header(self) -> bytes:
        """Return what the row's hash covers besides its predecessor and its payload."""
        texts = (self.op, self.relation, self.actor, self.app_user)
        head = (self.format, self.base_seal, self.txid, self.n, *map(len, texts), *texts)
        return int8(self.occurred_at) + " ".join(map(str, head)).encode()

    @property
    def has_place(self) -> bool:
        """Whether it says which transaction it stands in, and where."""
        return None not in (self.base_seal, self.txid, self.n)

    def computed_hash(self) -> bytes | None:
        """Return the hash this row should have; None when something that it covers is absent."""
        digest = self.digest()
        covered = (
            *(self.prev_hash, self.base_seal, self.txid, self.n),
            *(self.occurred_at, self.format, self.op, self.relation, self.actor, self.app_user),
        )
        if digest is None or None in covered:
            return None
        return sha256(self.prev_hash, digest, self.header())


@dataclass(frozen=True)
class Entry:
    """One sealed transaction: how many rows it has and the hash of its last."""

    seal_id: int
    txid: int
    base_seal: int
    row_count: int
    last_hash: bytes

    def to_bytes(self) -> bytes:
        """Return the 52 bytes that the seal's members_hash covers; none when one is absent."""
        if None in (self.txid, self.base_seal, self.row_count, self.last_hash):
            return b""
        return int8(self.txid) + int8(self.base_seal) + int4(self.row_count) + self.last_hash


@dataclass(frozen=True)
class Block:
    """One row of plumb.audit_blocks (format 2), as stored; keys is the text of the array."""

    seal_id: int
    block_number: int
    txid: int
    format: int
    first_n: int
    row_count: int
    keys: str
    lines: str
    salts: bytes
    digests: bytes
    block_hash: bytes | None
    prev_hash: bytes
    link_hash: bytes

    def written_hash(self) -> bytes | None:
        """Return the hash of what it holds: stored once rows of it were redacted."""
        if self.block_hash is not None:
            return self.block_hash
        if None in (self.keys, self.salts, self.lines):
            return None
        return sha256(self.keys.encode(), self.salts, self.lines.encode())

    def computed_hash(self) -> bytes | None:
        """Return the link this block should have; None when something that it covers is absent."""
        place = (
            *(self.format, self.seal_id, self.block_number, self.txid),
            *(self.first_n, self.row_count),
        )
        block_hash = self.written_hash()
        if block_hash is None or None in (*place, self.digests, self.prev_hash):
            return None
        return sha256(
            self.prev_hash,
            int2(self.format) + int8(self.seal_id) + int4(self.block_number) + int8(self.txid),
            int4(self.first_n) + int4(self.row_count),
            block_hash,
            sha256(self.digests),
        )

    def keys_digest(self) -> str | None:
        """Return the hex digest that a REDACT row lists for what is left of the keys."""
        return None if self.keys is None else sha256(self.keys.encode()).hex()

    def salt(self, n: int) -> bytes:
        """Return the salt of a row; fewer than 32 bytes where there is none."""
        start = DIGEST_BYTES * (n - self.first_n)
        return (self.salts or b"")[start : start + SALT_BYTES]

    def digest(self, n: int) -> bytes:
        """Return the digest that was taken of a row; fewer than 32 bytes where there is none."""
        start = DIGEST_BYTES * (n - self.first_n)
        return (self.digests or b"")[start : start + DIGEST_BYTES]


@dataclass(frozen=True)
class Seal:
    """One seal, as stored; sealed_at in microseconds since 2000-01-01 UTC."""

    seal_id: int
    format: int
    origin: str
    is_opening: bool
    snapshot: str | None
    adopted: str
    transaction_count: int
    row_count: int
    members_hash: bytes
    sealed_at: int
    prev_hash: bytes
    seal_hash: bytes
    block_count: int | None = None

    @property
    def has_blocks(self) -> bool:
        """Whether it closes blocks, as every seal since format 2 does."""
        return self.format != 1

    def body(self) -> bytes:
        """Return what the seal's hash covers besides its predecessor and its members."""
        return (
            int2(self.format)
            + int8(self.seal_id)
            + int8(self.transaction_count)
            + int8(self.row_count)
            + int8(self.sealed_at)
            + (b"\x01" if self.is_opening else b"\x00")
            + field(self.origin)
            + (
                int4(self.block_count or 0)
                if self.has_blocks
                else field(self.snapshot) + field(self.adopted)
            )
        )

    def computed_hash(self) -> bytes | None:
        """Return the hash this seal should have; None when something that it covers is absent."""
        covered = (
            *(self.format, self.origin, self.is_opening),
            *((self.block_count,) if self.has_blocks else (self.snapshot, self.adopted)),
            *(self.transaction_count, self.row_count, self.members_hash),
            *(self.sealed_at, self.prev_hash),
        )
        return None if None in covered else sha256(self.prev_hash, self.members_hash, self.body())

    def sees(self, txid: int) -> bool:
        """Say whether this seal's snapshot, or its list of adopted ones, has the transaction.

        A seal of format 2 comes after everything in format 1.
        """
        if self.format is not None and self.format > 1:
            return True
        if self.snapshot is not None:
            xmin, xmax, running = self.snapshot.split(":")
            if txid < int(xmin):
                return True
            if txid < int(xmax) and str(txid) not in running.split(","):
                return True
        return str(txid) in (self.adopted or "").strip("{}").split(",")


def group_hashes(entries: Sequence[Entry]) -> list[bytes]:
    """Return the hash of each group of 128 entries, which are in order of (txid, base_seal)."""
    return [
        sha256(*(entry.to_bytes() for entry in entries[start : start + GROUP_SIZE]))
        for start in range(0, len(entries), GROUP_SIZE)
    ]


def members_hash(groups: Iterable[bytes]) -> bytes:
    """Return the hash over all groups' hashes."""
    return sha256(*groups)
