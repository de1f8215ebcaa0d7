"""Reads pg_dump's custom format as a stream: its contents, and how many rows it holds.

The rows of a table are counted in the archive itself. Counting them in the database would plan
a query on the table, and planning evaluates its index expressions: code of its owner, run
with the rights of the role that makes the backup.

The format is that of src/bin/pg_dump/pg_backup_archiver.c and pg_backup_custom.c: a head, the
table of contents, then one block of data for each entry that has any.
"""

import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

MAGIC = b"PGDMP"
VERSION_MIN = (1, 14)  # PostgreSQL 12
VERSION_WITH_ALGORITHM = (1, 15)  # PostgreSQL 16
VERSION_WITH_RELATION_KIND = (1, 16)  # PostgreSQL 17
VERSION_MAX = (1, 16)
CUSTOM_FORMAT = 1
DATA_BLOCK, LARGE_OBJECTS_BLOCK = 1, 3
COMPRESSION_NAMES = {0: "none", 1: "gzip", 2: "lz4", 3: "zstd"}
# COPY ends with this, written by pg_dump after the rows; each row ends with one line feed, and
# those within values are escaped.
END_OF_ROWS = b"\\.\n\n\n"
LINES_AT_END = END_OF_ROWS.count(b"\n")
# The writer of an archive decides what these say; pg_dump never writes nearly as much.
TEXT_BYTES_MAX = 256 * 1024**2
ENTRIES_MAX = 20_000_000
INTEGER_BYTES_MAX = 8
# What a small piece may grow to at a time when it is inflated.
INFLATED_BYTES_MAX = 8 * 1024**2

Parsing = Generator[None, bytes | None, None]


@dataclass
class Entry:
    """One entry of the table of contents.

    Args:
        dump_id: Its number in the archive.
        oid: The object's oid in the database that was dumped; 0 for none.
        kind: Such as TABLE, TABLE DATA, EXTENSION.
        schema: The schema it stands in; empty for none.
        tag: Its name; of a function with its arguments.
        definition: The statement that makes it.
        depends_on: The numbers of the entries that it needs.
    """

    dump_id: int
    oid: int
    kind: str
    schema: str
    tag: str
    definition: str
    depends_on: list[int]


@dataclass
class Archive:
    """Parses an archive that is fed to it piece by piece.

    Args:
        counts_rows: Whether the rows are counted; otherwise it stops after the contents.
    """

    counts_rows: bool = True
    entries: dict[int, Entry] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    """By the table's oid, the number of its rows."""
    has_contents: bool = False

    def __post_init__(self) -> None:
        """Begin at the first byte."""
        self._buffer = b""
        self._at = 0
        self._is_done = False
        self._parser = self._parse()
        next(self._parser)

    def feed(self, chunk: bytes) -> None:
        """Take the next piece.

        Raises:
            ValueError: This is no archive of pg_dump's custom format.
        """
        if not self._is_done:
            self._send(chunk)

    def close(self) -> None:
        """Say that nothing follows.

        Raises:
            ValueError: Something should.
        """
        if not self._is_done:
            self._send(None)

    def _send(self, chunk: bytes | None) -> None:
        try:
            self._parser.send(chunk)
        except StopIteration:
            self._is_done = True
            self._buffer = b""

    def _parse(self) -> Parsing:
        yield from self._read_head()
        yield from self._read_contents()
        self.has_contents = True
        if not self.counts_rows:
            return
        while (yield from self._has_more()):
            (block,) = yield from self._take(1)
            dump_id = yield from self._integer()
            if block == DATA_BLOCK:
                entry = self.entries.get(dump_id)
                if entry is None:
                    raise ValueError(f"the archive holds data of entry {dump_id}, which it lacks")
                yield from self._read_rows(entry)
            elif block == LARGE_OBJECTS_BLOCK:
                while (yield from self._integer()):
                    while length := (yield from self._integer()):
                        yield from self._skip(length)
            else:
                raise ValueError(f"the archive holds a block of the unknown kind {block}")

    def _read_head(self) -> Parsing:
        if (yield from self._take(len(MAGIC))) != MAGIC:
            raise ValueError("this is no archive of pg_dump's custom format")
        major, minor, _ = yield from self._take(3)
        self._version = (major, minor)
        if not VERSION_MIN <= self._version <= VERSION_MAX:
            raise ValueError(f"the archive's version {major}.{minor} is unknown here")
        self._integer_bytes, self._offset_bytes, archive_format = yield from self._take(3)
        if archive_format != CUSTOM_FORMAT or not all(
            0 < size <= INTEGER_BYTES_MAX for size in (self._integer_bytes, self._offset_bytes)
        ):
            raise ValueError("this is no archive of pg_dump's custom format")
        if self._version >= VERSION_WITH_ALGORITHM:
            (algorithm,) = yield from self._take(1)
        else:
            algorithm = 1 if (yield from self._integer()) else 0
        self._compression = COMPRESSION_NAMES.get(algorithm, str(algorithm))
        for _ in range(7):  # when it was made, as struct tm
            yield from self._integer()
        for _ in range(3):  # the database's name, the server's version, pg_dump's version
            yield from self._text()

    def _read_contents(self) -> Parsing:
        count = yield from self._integer()
        if not 0 <= count <= ENTRIES_MAX:
            raise ValueError(f"the archive says that it has {count} entries")
        for _ in range(count):
            dump_id = yield from self._integer()
            yield from self._integer()  # whether it has data
            yield from self._text()  # the oid of its catalog
            oid = yield from self._text()
            tag = yield from self._text()
            kind = yield from self._text()
            yield from self._integer()  # its section
            definition = yield from self._text()
            yield from self._text()  # the statement that drops it
            yield from self._text()  # the COPY statement
            schema = yield from self._text()
            yield from self._text()  # its tablespace
            yield from self._text()  # its access method
            if self._version >= VERSION_WITH_RELATION_KIND:
                yield from self._integer()
            yield from self._text()  # its owner
            yield from self._text()  # whether it has oids, which none has
            depends_on = []
            while (needed := (yield from self._text())) is not None:
                depends_on.append(int(needed))
            yield from self._take(1 + self._offset_bytes)  # where its data are
            self.entries[dump_id] = Entry(
                dump_id, int(oid or 0), kind or "", schema or "", tag or "", definition or "",
                depends_on,
            )  # fmt: skip

    def _read_rows(self, entry: Entry) -> Parsing:
        if self._compression not in ("none", "gzip"):
            raise ValueError(f"rows compressed with {self._compression} cannot be counted here")
        inflate = zlib.decompressobj() if self._compression == "gzip" else None
        lines, end = 0, b""
        while length := (yield from self._integer()):
            if length < 0:
                raise ValueError("the archive holds a piece of a negative length")
            while length:
                stored = yield from self._take_up_to(length)
                length -= len(stored)
                for piece in _inflated(inflate, stored):
                    lines += piece.count(b"\n")
                    end = (end + piece[-len(END_OF_ROWS) :])[-len(END_OF_ROWS) :]
        if entry.kind == "TABLE DATA":
            if end != END_OF_ROWS:
                raise ValueError(f"the rows of {entry.schema}.{entry.tag} have no end")
            self.rows[entry.oid] = lines - LINES_AT_END

    def _has_more(self) -> Generator[None, bytes | None, bool]:
        while self._at == len(self._buffer):
            if not self._take_in((yield)):
                return False
        return True

    def _take_in(self, chunk: bytes | None) -> bool:
        if chunk is None:
            return False
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return True

    def _take(self, length: int) -> Generator[None, bytes | None, bytes]:
        if len(self._buffer) - self._at < length:
            pieces = [self._buffer[self._at :]]
            missing = length - len(pieces[0])
            while missing > 0:
                chunk = yield
                if chunk is None:
                    raise ValueError("the archive ends too early")
                pieces.append(chunk)
                missing -= len(chunk)
            self._buffer = b"".join(pieces)
            self._at = 0
        self._at += length
        return self._buffer[self._at - length : self._at]

    def _take_up_to(self, length: int) -> Generator[None, bytes | None, bytes]:
        if not (yield from self._has_more()):
            raise ValueError("the archive ends too early")
        piece = self._buffer[self._at : self._at + length]
        self._at += len(piece)
        return piece

    def _skip(self, length: int) -> Parsing:
        while length > 0:
            length -= len((yield from self._take_up_to(length)))

    def _integer(self) -> Generator[None, bytes | None, int]:
        stored = yield from self._take(1 + self._integer_bytes)
        value = int.from_bytes(stored[1:], "little")
        return -value if stored[0] else value

    def _text(self) -> Generator[None, bytes | None, str | None]:
        length = yield from self._integer()
        if length < 0:
            return None
        if length > TEXT_BYTES_MAX:
            raise ValueError(f"the archive holds a text of {length} bytes")
        return (yield from self._take(length)).decode(errors="replace")


def _inflated(inflate: "zlib._Decompress | None", stored: bytes) -> Iterator[bytes]:
    if inflate is None:
        yield stored
        return
    try:
        while stored:
            yield inflate.decompress(stored, INFLATED_BYTES_MAX)
            stored = inflate.unconsumed_tail
    except zlib.error as error:
        raise ValueError(f"the archive's data are damaged: {error}") from error
