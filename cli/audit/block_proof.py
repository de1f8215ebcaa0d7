"""The proof of a row in format 2: its line, and the way from its block's link to its seal.

Of the other rows of the block it shows the digests, of the blocks that follow two hashes each.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from ...core.errors import PlumbError
from .format import DIGEST_BYTES, Block, Seal, sha256
from .reading import read_blocks, split_lines

# The blocks after it that a proof may need; each is some 400 bytes of it.
FOLLOWING_BLOCKS_MAX = 100_000
PLACE = ("block_number", "txid", "first_n", "row_count")


@dataclass(frozen=True)
class ProvenRow:
    """A row that is proven to have stood in the log; all but its place is None once redacted."""

    txid: int
    n: int
    op: str | None
    relation: str | None
    record_key: str | None
    actor: str | None
    app_user: str | None
    old_row: str | None
    new_row: str | None


def find_block(connection: psycopg.Connection, txid: int, n: int) -> Block | None:
    """Return the newest block that has a row.

    Args:
        connection: Its user may read audit_blocks.
        txid: The row's transaction.
        n: The row's number in it.
    """
    where = "where b.txid = %s::text::xid8 and %s between b.first_n and b.first_n + b.row_count - 1"
    return max(
        read_blocks(connection, where, [str(txid), n]),
        key=lambda block: block.seal_id,
        default=None,
    )


def prove_block(connection: psycopg.Connection, block: Block, n: int) -> dict[str, Any]:
    """Return the part of a proof that leads from a row to its seal.

    Args:
        connection: Its user may read audit_blocks.
        block: The row's block.
        n: The row's number.

    Raises:
        PlumbError: The seal has too many blocks after it, or the line is not there.
    """
    where = "where b.seal_id = %s and b.block_number > %s"
    following = read_blocks(connection, where, [block.seal_id, block.block_number])
    blocks = [b for _, b in zip(range(FOLLOWING_BLOCKS_MAX + 1), following, strict=False)]
    if len(blocks) > FOLLOWING_BLOCKS_MAX:
        raise PlumbError(
            f"seal {block.seal_id} has more than {FOLLOWING_BLOCKS_MAX} blocks after this row's",
            "Verify the log itself: ./plumb audit verify.",
        )
    lines = split_lines(block.lines)
    if len(lines) != block.row_count:
        raise PlumbError(
            f"block {block.block_number} of seal {block.seal_id} has not the rows that it states",
            "It was altered: ./plumb audit verify.",
        )
    return {
        "n": n,
        "line": lines[n - block.first_n],
        "salt": block.salt(n).hex(),
        "prevHash": block.prev_hash.hex(),
        "digests": block.digests.hex(),
        "block": _place(block),
        "following": [_place(b) | {"digestsHash": sha256(b.digests).hex()} for b in blocks],
    }


def check_block(part: Mapping[str, Any], seal: Seal) -> tuple[ProvenRow, list[tuple[bool, str]]]:
    """Walk from a row to its seal.

    Args:
        part: What `prove_block` returned.
        seal: The seal that it should lead to.

    Returns:
        The row, and what must hold with what is to be said when it does not.

    Raises:
        KeyError, TypeError, ValueError, struct.error: The part is not of this form.
    """
    n, line = part["n"], part["line"]
    salt, digests = bytes.fromhex(part["salt"]), bytes.fromhex(part["digests"])
    block = part["block"]
    said = json.loads(line)
    if type(n) is not int or type(said) is not dict:
        raise TypeError("line")
    start = DIGEST_BYTES * (n - block["first_n"])
    digest = sha256(salt, line.encode())
    link = _link(bytes.fromhex(part["prevHash"]), seal, block, sha256(digests))
    count = block["block_number"]
    is_whole = type(count) is int
    for item in part["following"]:
        link = _link(link, seal, item, bytes.fromhex(item["digestsHash"]))
        is_whole = is_whole and item["block_number"] == count + 1
        count = item["block_number"]
    row = ProvenRow(
        block["txid"],
        n,
        *(said.get(name) for name in ("op", "relation", "record_key", "actor", "app_user")),
        *(json.dumps(said.get(name)) for name in ("old_row", "new_row")),
    )
    holds = [
        (start >= 0 and digests[start : start + DIGEST_BYTES] == digest, "the row has no digest"),
        (len(salt) == DIGEST_BYTES and any(salt), f"row {n} has no salt of 32 bytes"),
        (said.get("n") == n, f"the line is not that of row {n}"),
        (len(digests) == DIGEST_BYTES * block["row_count"], "the digests are not its block's"),
        (is_whole and count == seal.block_count, "the blocks are not all of the seal's"),
        (link == seal.members_hash, "the row does not lead to its seal"),
    ]
    return row, holds


def _place(block: Block) -> dict[str, Any]:
    block_hash = block.written_hash()
    if block_hash is None:
        raise PlumbError(
            f"block {block.block_number} of seal {block.seal_id} has no hash",
            "It was altered: ./plumb audit verify.",
        )
    return {name: getattr(block, name) for name in PLACE} | {"blockHash": block_hash.hex()}


def _link(before: bytes, seal: Seal, place: Mapping[str, Any], digests_hash: bytes) -> bytes:
    if any(type(place[name]) is not int for name in PLACE):
        raise TypeError("block")
    return sha256(
        before,
        struct.pack(">hqi", seal.format, seal.seal_id, place["block_number"]),
        struct.pack(">Qii", place["txid"], place["first_n"], place["row_count"]),
        bytes.fromhex(place["blockHash"]),
        digests_hash,
    )
