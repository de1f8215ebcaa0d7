"""Verifies the blocks of format 2: one hash for an unaltered block, else row by row."""

import re
from collections.abc import Iterator, Mapping

from .finding import Finding, block_range, hexed, members, row_range
from .format import NO_SALT, Block, Seal, sha256
from .reading import read_line, split_lines

NUMBER_MAX = (1 << 31) - 1
# Seal, transaction, number and relation.
Place = tuple[int, int, int | None, str | None]
STATED_NUMBER = re.compile(r'\{"n": ([0-9]{1,9}), ')


class BlockChecks:
    """What each block and each seal's blocks are held to.

    Args:
        remains: What the log says is left of each redacted row, by (base seal, transaction, n).
        keys: The same of the keys of blocks with redacted rows, by (seal, block).
    """

    def __init__(
        self, remains: Mapping[tuple[int, int, int], str], keys: Mapping[tuple[int, int], str]
    ) -> None:
        """Keep what redaction left."""
        self._remains = remains
        self._keys = keys

    def check(self, seal_id: int, seal: Seal | None, blocks: list[Block]) -> Iterator[Finding]:
        """Yield what is wrong with the blocks of one seal.

        Args:
            seal_id: Its number.
            seal: The seal; None where it is missing.
            blocks: What is stored for it, by number.
        """
        for block in blocks:
            yield from self._check_block(block)
        blocks = [block for block in blocks if block.block_number is not None]
        numbered = list(self._check_numbers(seal_id, seal, blocks))
        yield from numbered
        yield from self._check_links(seal, blocks)
        if seal is not None and (seal.format or 0) > 1 and not numbered:
            yield from self._check_members(seal, blocks)

    def _check_block(self, block: Block) -> Iterator[Finding]:
        computed = block.computed_hash()
        is_true = computed is not None and computed == block.link_hash
        if is_true and block.block_hash is None:
            return
        found = list(self._check_lines(block))
        yield from found
        if block.block_hash is not None:
            listed = self._keys.get((block.seal_id, block.block_number))
            if listed is None or listed != block.keys_digest():
                expected = listed or "a REDACT row that lists the block"
                yield Finding(
                    "redaction_altered",
                    block.seal_id,
                    block.txid,
                    expected=expected,
                    actual=block.keys_digest(),
                )
        if not is_true and not any(f.kind != "redaction_altered" for f in found):
            yield Finding(
                "block_altered",
                block.seal_id,
                block.txid,
                block.first_n,
                expected=hexed(computed, None),
                actual=hexed(block.link_hash),
            )

    def _check_lines(self, block: Block) -> Iterator[Finding]:
        last_n = None
        if block.first_n is not None and block.row_count is not None:
            last_n = block.first_n + block.row_count - 1
        seen: set[int] = set()
        for position, line in enumerate(split_lines(block.lines)):
            stated = STATED_NUMBER.match(line)
            n = int(stated[1]) if stated else None
            if n is None and block.first_n is not None:
                n = block.first_n + position
            place = (block.seal_id, block.txid, _shown(n), _relation(line))
            if n is None or last_n is None or not block.first_n <= n <= last_n:
                shown = "" if n is None else n
                yield Finding("row_added", *place, row_range(block.first_n, last_n), f"row {shown}")
            elif n in seen:
                yield Finding("row_added", *place, f"one row {n}", "another")
            else:
                seen.add(n)
                yield from self._check_line(block, n, line, place)
        if last_n is not None:
            yield from _missing_rows(block, last_n, seen)

    def _check_line(self, block: Block, n: int, line: str, place: Place) -> Iterator[Finding]:
        salt = block.salt(n)
        data = line.encode()
        if salt == NO_SALT:
            listed = self._remains.get((block.seal_id - 1, block.txid, n))
            remains = sha256(data).hex()
            if listed != remains:
                expected = listed or "a REDACT row that lists it"
                yield Finding("redaction_altered", *place, expected, remains)
            return
        computed, stored = sha256(salt, data), block.digest(n)
        if len(salt) != len(NO_SALT) or computed != stored:
            yield Finding("row_altered", *place, computed.hex(), stored.hex() or "none")

    def _check_numbers(
        self, seal_id: int, seal: Seal | None, blocks: list[Block]
    ) -> Iterator[Finding]:
        stated = 0 if seal is None or seal.block_count is None else seal.block_count
        before = 0
        is_first = True
        for block in blocks:
            number = block.block_number
            place = (block.seal_id, block.txid, block.first_n)
            if number > max(before, 0) + 1:
                missing = block_range(max(before, 0) + 1, number - 1)
                yield Finding("block_missing", seal_id, expected=missing, actual="none")
            if number < 1:
                yield Finding(
                    "block_added", *place, None, "block 1 to begin with", f"block {number}"
                )
            elif number == before and not is_first:
                yield Finding("block_added", *place, None, f"one block {number}", "another")
            if seal is not None and number > stated:
                yield Finding("block_added", *place, None, f"{stated} blocks", f"block {number}")
            before, is_first = number, False
        if before < stated:
            missing = block_range(max(before, 0) + 1, stated)
            yield Finding("block_missing", seal_id, expected=missing, actual="none")

    def _check_links(self, seal: Seal | None, blocks: list[Block]) -> Iterator[Finding]:
        before: Block | None = None
        for block in blocks:
            expected = None
            if block.block_number == 1:
                expected = None if seal is None else seal.prev_hash
            elif before is not None and block.block_number == before.block_number + 1:
                expected = before.link_hash
            if expected is not None and block.prev_hash != expected:
                yield Finding(
                    "block_unlinked",
                    block.seal_id,
                    block.txid,
                    block.first_n,
                    None,
                    expected.hex(),
                    hexed(block.prev_hash),
                )
            before = block

    def _check_members(self, seal: Seal, blocks: list[Block]) -> Iterator[Finding]:
        rows = sum(block.row_count or 0 for block in blocks)
        transactions = sum(block.first_n == 1 for block in blocks)
        last_hash = blocks[-1].link_hash if blocks else sha256()
        stated = (seal.row_count, seal.transaction_count, seal.members_hash)
        if stated != (rows, transactions, last_hash):
            yield Finding(
                "members_altered",
                seal.seal_id,
                expected=members(*stated),
                actual=members(rows, transactions, last_hash),
            )


def _missing_rows(block: Block, last_n: int, seen: set[int]) -> Iterator[Finding]:
    before = block.first_n - 1
    for n in [*sorted(seen), last_n + 1]:
        if n > before + 1:
            place = (block.seal_id, block.txid, _shown(before + 1))
            yield Finding("row_missing", *place, expected="a row", actual="none")
        before = n


def _shown(n: int | None) -> int | None:
    """Return a row's number as a finding states it, whose column takes no more."""
    return None if n is None else min(n, NUMBER_MAX)


def _relation(line: str) -> str | None:
    relation = read_line(line).get("relation")
    return relation if isinstance(relation, str) else None
