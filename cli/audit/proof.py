"""Shows that one row stood in the log, and checks such a proof without the database.

A proof holds the row itself, what is needed to walk from it to its transaction's last row, from
there to its seal, and from that seal to an anchored one. It says nothing about other rows but
their digests.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, get_type_hints

import psycopg

from ...core.errors import PlumbError
from ...core.exit_codes import FALSE
from .block_proof import ProvenRow, check_block, find_block, prove_block
from .format import GROUP_SIZE, Entry, Row, Seal, group_hashes, members_hash, sha256
from .reading import read_entries, read_rows, read_seals

# A row far from its transaction's end needs every row after it; beyond this a proof is refused.
FOLLOWING_ROWS_MAX = 100_000
WHERE_PROOFS_COME_FROM = "Proofs are written by ./plumb audit proof TABLE KEY --out FILE."


def prove(connection: psycopg.Connection, txid: int, n: int, anchored_seal: int) -> dict[str, Any]:
    """Build the proof of one row.

    Args:
        connection: Its user may read audit_log, seals and audit_transactions.
        txid: The row's transaction.
        n: The row's number in it.
        anchored_seal: A seal whose hash left the machine, not older than the row's own.

    Returns:
        A JSON-able proof for `check`.

    Raises:
        PlumbError: There is no such row, it is not sealed yet, or its seal is newer than the
            anchored one.
    """
    block = find_block(connection, txid, n)
    if block is not None:
        _require_anchored(txid, block.seal_id, anchored_seal)
        seals = read_seals(
            connection, "where seal_id between %s and %s", [block.seal_id, anchored_seal]
        )
        return {
            "format": 2,
            "row": prove_block(connection, block, n),
            "seals": [_seal_to_json(seal) for seal in seals],
        }
    found = read_rows(connection, "where txid = %s::text::xid8 and n >= %s", [str(txid), n])
    rows = [row for _, row in zip(range(FOLLOWING_ROWS_MAX + 1), found, strict=False)]
    if not rows or rows[0].n != n:
        raise PlumbError(
            f"the log has no row {n} of transaction {txid}",
            "If it had one, ./plumb audit verify says what became of it.",
        )
    if len(rows) > FOLLOWING_ROWS_MAX:
        raise PlumbError(
            f"row {n} of transaction {txid} has more than {FOLLOWING_ROWS_MAX} rows after it",
            "Prove a later row of the transaction, or verify the log itself.",
        )
    base_seal = rows[0].base_seal
    own = list(
        read_entries(
            connection,
            "where txid = %s::text::xid8 and base_seal = %s",
            [str(txid), base_seal],
        )
    )
    if not own:
        raise PlumbError(
            f"transaction {txid} is not sealed yet", "Wait a few seconds, or seal now."
        )
    seal_id = own[0].seal_id
    _require_anchored(txid, seal_id, anchored_seal)
    entries = list(read_entries(connection, "where seal_id = %s", [seal_id]))
    position = next(i for i, e in enumerate(entries) if (e.txid, e.base_seal) == (txid, base_seal))
    group = position // GROUP_SIZE
    seals = read_seals(connection, "where seal_id between %s and %s", [seal_id, anchored_seal])
    return {
        "format": 1,
        "row": _to_json(rows[0]),
        "following": [
            {"digest": _digest_of(row).hex(), "header": row.header().hex()} for row in rows[1:]
        ],
        "group": [_to_json(e) for e in entries[group * GROUP_SIZE : (group + 1) * GROUP_SIZE]],
        "groupHashes": [h.hex() for h in group_hashes(entries)],
        "seals": [_seal_to_json(seal) for seal in seals],
    }


def check(proof: Mapping[str, Any], anchors: Mapping[int, str]) -> Row | ProvenRow:
    """Check a proof against anchors, without any database.

    Args:
        proof: What `prove` returned, as read from its file.
        anchors: Seal hashes in hex that were kept outside, by seal number.

    Returns:
        The row that is proven to have stood in the log.

    Raises:
        PlumbError: The proof does not hold; the message says where it breaks.
    """
    if proof.get("format") == 2:  # noqa: PLR2004
        return _check_blocks(proof, anchors)
    try:
        row: Row = _from_json(Row, proof["row"])
        entries = [_from_json(Entry, entry) for entry in proof["group"]]
        groups = [bytes.fromhex(text) for text in proof["groupHashes"]]
        seals = [_seal_from_json(seal) for seal in proof["seals"]]
        following = [
            (bytes.fromhex(item["digest"]), bytes.fromhex(item["header"]))
            for item in proof["following"]
        ]
        # Whatever does not fit the bytes of the format was never hashed by anybody.
        group_hash = sha256(*(entry.to_bytes() for entry in entries))
        computed_hashes = [seal.computed_hash() for seal in seals]
        row_hash = row.computed_hash()
    except (KeyError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise PlumbError(
            f"this is no proof: {type(error).__name__} at {error}", WHERE_PROOFS_COME_FROM
        ) from error

    _require(row.has_one_digest, f"row {row.n} has no salt of 32 bytes")
    _require(row_hash == row.row_hash, f"row {row.n} does not hash to its row_hash")
    last_hash = row.row_hash
    for digest, header in following:
        last_hash = sha256(last_hash, digest, header)
    entry = next((e for e in entries if (e.txid, e.base_seal) == (row.txid, row.base_seal)), None)
    if entry is None:
        raise _broken(f"transaction {row.txid} is not among its seal's transactions")
    _require(entry.last_hash == last_hash, "the row does not lead to its transaction's last hash")
    _require(entry.row_count == row.n + len(following), "the transaction's row count does not fit")
    _require(group_hash in groups, "the transaction's group is not among the seal's groups")
    _require(bool(seals), "there is no seal in it")
    _require(
        {e.seal_id for e in entries} == {seals[0].seal_id},
        "the group's transactions are said to be in another seal",
    )
    _require(members_hash(groups) == seals[0].members_hash, "the groups do not give the seal")
    _check_seals(seals, computed_hashes, anchors)
    return row


def _check_blocks(proof: Mapping[str, Any], anchors: Mapping[int, str]) -> ProvenRow:
    try:
        seals = [_seal_from_json(seal) for seal in proof["seals"]]
        computed_hashes = [seal.computed_hash() for seal in seals]
        row, holds = check_block(proof["row"], seals[0])
    except (LookupError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise PlumbError(
            f"this is no proof: {type(error).__name__} at {error}", WHERE_PROOFS_COME_FROM
        ) from error
    for is_true, otherwise in holds:
        _require(is_true, otherwise)
    _check_seals(seals, computed_hashes, anchors)
    return row


def _check_seals(
    seals: list[Seal], computed_hashes: list[bytes | None], anchors: Mapping[int, str]
) -> None:
    for before, seal, computed in zip([None, *seals], seals, computed_hashes, strict=False):
        _require(computed == seal.seal_hash, f"seal {seal.seal_id} does not hash")
        _require(
            before is None
            or (seal.prev_hash == before.seal_hash and seal.seal_id == before.seal_id + 1),
            f"seal {seal.seal_id} does not follow from the one before",
        )
    anchored = anchors.get(seals[-1].seal_id)
    if anchored is None:
        raise PlumbError(
            f"seal {seals[-1].seal_id} is in no anchor given",
            "Give the anchors of the log that the proof is of.",
        )
    _require(
        anchored == seals[-1].seal_hash.hex(), f"seal {seals[-1].seal_id} is not the anchored one"
    )


def _require_anchored(txid: int, seal_id: int, anchored_seal: int) -> None:
    if seal_id > anchored_seal:
        raise PlumbError(
            f"transaction {txid} is in seal {seal_id}, newer than the anchored seal"
            f" {anchored_seal}",
            "Anchor again: ./plumb audit anchor.",
        )


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _broken(otherwise)


def _broken(how: str) -> PlumbError:
    return PlumbError(
        f"the proof does not hold: {how}",
        "It or the anchors were changed, or are another log's. Ask for a new one, and verify"
        " the log: ./plumb audit verify.",
        FALSE,
    )


def _digest_of(row: Row) -> bytes:
    digest = row.digest()
    if digest is None:
        raise PlumbError(
            f"row {row.n} of transaction {row.txid} has neither salt nor digest",
            "It was altered: ./plumb audit verify.",
        )
    return digest


def _to_json(record: Row | Entry | Seal) -> dict[str, Any]:
    return {
        name: {"hex": value.hex()} if isinstance(value, bytes) else value
        for name, value in asdict(record).items()
    }


def _seal_to_json(seal: Seal) -> dict[str, Any]:
    """Return what a seal of its format states; the rest is null and no hash covers it."""
    unstated = ("snapshot", "adopted") if seal.has_blocks else ("block_count",)
    return {name: value for name, value in _to_json(seal).items() if name not in unstated}


def _seal_from_json(values: Mapping[str, Any]) -> Seal:
    unstated: dict[str, Any] = {"block_count": None}
    if values["format"] != 1:
        unstated = {"snapshot": None, "adopted": "{}"}
    seal: Seal = _from_json(Seal, unstated | dict(values))
    return seal


def _from_json(kind: type, values: Mapping[str, Any]) -> Any:
    types = get_type_hints(kind)
    parsed = {
        f.name: bytes.fromhex(v["hex"]) if isinstance(v := values[f.name], dict) else v
        for f in fields(kind)
    }
    for name, value in parsed.items():
        if not isinstance(value, types[name]):
            raise TypeError(name)
        if type(value) is int and not -(1 << 63) <= value < 1 << 63:
            raise ValueError(name)
    return kind(**parsed)


def load(path: str) -> dict[str, Any]:
    """Read a proof's file.

    Raises:
        PlumbError: It cannot be read or is not JSON.
    """
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            proof: dict[str, Any] = json.load(file)
            return proof
    except (OSError, ValueError) as error:
        raise PlumbError(
            f"{path} cannot be read as a proof: {error}", WHERE_PROOFS_COME_FROM
        ) from error
