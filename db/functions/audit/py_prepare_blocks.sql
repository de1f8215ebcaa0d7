-- Gives the functions of PL/Python in this session what makes blocks of the log that lack only what
-- a seal adds to them: the class of them, GD["plumb_blocks"], and the parts of a line,
-- GD["plumb_line"]. What becomes part of a line is text of which each character is a byte of UTF-8.
reset role;
create or replace function plumb.py_prepare_blocks()
returns void
language plpython3u
volatile
as $$
import json
from datetime import datetime, timedelta
from hashlib import md5, sha256
from itertools import count
from os import urandom
from struct import Struct

BLOCK_ROWS_MAX, BLOCK_BYTES_MAX = 1000, 1_000_000
integer = Struct(">i").unpack_from
plpy.execute("select plumb.py_prepare_json()")
quote, as_bytes, _ = GD["plumb_text"]
seconds = {}


def moment(microseconds):
    """Print a time as JSON has it, with the name that it has in a line."""
    second, fraction = divmod(microseconds, 1_000_000)
    if second not in seconds:
        seconds.clear()
        seconds[second] = (datetime(2000, 1, 1) + timedelta(seconds=second)).isoformat()
    text = f".{fraction:06}".rstrip("0") if fraction else ""
    return f', "occurred_at": "{seconds[second]}{text}+00:00"'


def writer(actor, app_user):
    """Print who changed a row, and begin what stands behind."""
    return as_bytes(f', "actor": {quote(actor)}, "app_user": {quote(app_user)}, "old_row": ')


def head(op, name):
    return as_bytes(f', "op": "{op}", "relation": {quote(name)}, "record_key": ')


def key_of(values, key, is_list):
    """Return the key of a row as the log states it, and as a line prints it."""
    if is_list:
        parts = ["null" if n is None or values[n] is Ellipsis else values[n] for n in key]
        text = f"[{', '.join(parts)}]"
        return text, quote(text)
    text = "null" if not key or key[0] is None else values[key[0]]
    if text == "null" or text is Ellipsis:
        return None, "null"
    elif text[0] == '"':
        return json.loads(text) if "\\" in text else text[1:-1], text
    return text, quote(text)


def number_of(text):
    """Return the number by which blocks are found, as plumb.key_number() makes it."""
    return integer(md5(text).digest())[0]


class Blocks:
    """The blocks that are not returned yet: rows of several transactions, or some of a large one.

    Positions are drawn for all of them together.
    """

    def __init__(self):
        self.drawing = plpy.prepare(
            "select array_agg(nextval('plumb.audit_intake_position_seq')) as positions"
            " from generate_series(1, $1)",
            ["integer"],
        )
        self.ended, self.row_count, self.size, self.is_full = [], 0, 0, False
        self.begin(0)

    def begin(self, txid, first_n=1):
        self.txid, self.first_n = txid, first_n
        self.ends, self.numbers, self.block_size = [], [], 0

    def add(self, end, numbers):
        """Add a row, of which all is known but its number and its position."""
        if len(self.ends) == BLOCK_ROWS_MAX or self.block_size + len(end) > BLOCK_BYTES_MAX:
            self.end()
        self.ends.append(end)
        self.numbers += numbers
        self.block_size += len(end)

    def end(self):
        if self.ends:
            self.ended.append((self.txid, self.first_n, self.ends, self.numbers))
            self.row_count += len(self.ends)
            self.size += self.block_size
            self.is_full = self.row_count >= BLOCK_ROWS_MAX or self.size >= BLOCK_BYTES_MAX
            self.begin(self.txid, self.first_n + len(self.ends))

    def finished(self):
        if not self.ended:
            return
        positions = iter(plpy.execute(self.drawing, [self.row_count])[0]["positions"])
        for txid, first_n, ends, numbers in self.ended:
            lines = [
                f'{{"n": {n}, "position": {position}{end}'.encode("latin-1")
                for n, end, position in zip(count(first_n), ends, positions)
            ]
            salts = urandom(32 * len(lines))
            digests = [
                sha256(salts[32 * i : 32 * i + 32] + line).digest() for i, line in enumerate(lines)
            ]
            keys = f"{{{','.join(map(str, sorted(set(numbers))))}}}"
            text = b"\n".join(lines)
            yield (
                txid,
                first_n,
                len(lines),
                keys,
                text.decode(),
                salts,
                b"".join(digests),
                sha256(keys.encode() + salts + text).digest(),
            )
        self.ended, self.row_count, self.size, self.is_full = [], 0, 0, False


GD["plumb_blocks"] = Blocks
GD["plumb_line"] = moment, writer, head, key_of, number_of
$$;
comment on function plumb.py_prepare_blocks() is
'Let PL/Python functions of this session make blocks of the log.';
revoke execute on function plumb.py_prepare_blocks() from public;
grant execute on function plumb.py_prepare_blocks() to plumb_owner;
