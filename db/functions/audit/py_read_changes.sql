-- Reads what was committed after p_through from the slot, as pgoutput prints it, and returns the
-- blocks of it, which lack only what a seal adds: the lines as docs/audit.md states them, printed
-- as jsonb prints them, with salts, digests and keys. Nothing is taken from the slot. What follows
-- a commit is stored in plumb.audit_capture at the end, in the same transaction as the blocks, so
-- that a change is in the log exactly once, whatever is killed when; the slot is advanced by a
-- later call.
--
-- Which tables are captured, under which name, with which key, and what is left out of them, is
-- read from the same stream: the changes of plumb.audited_tables are published as well, and stand
-- between the rows where they were made. A message says who runs a statement on a table; it counts
-- only when it carries the hash that nobody else can make (plumb.tg_audit_statement).
--
-- What becomes part of a line is handled as text of which each character is a byte (Latin-1): it
-- comes and goes as UTF-8, and only ASCII characters are looked for in it. What is done for each
-- value and each row here is most of what this form of the log costs.
--
-- Positions: https://www.postgresql.org/docs/15/protocol-logicalrep-message-formats.html
reset role;
create or replace function plumb.py_read_changes(
    p_through bigint,
    p_newest_txid bigint,
    p_key bytea,
    p_tables jsonb,
    p_items_max integer,
    p_to pg_lsn
)
returns table (
    txid xid8,
    first_n integer,
    row_count integer,
    keys text,
    lines text,
    salts bytea,
    digests bytea,
    block_hash bytea
)
language plpython3u
volatile
as $$
import json
import re
from hashlib import sha256
from operator import itemgetter
from struct import Struct

ROW_BYTES_MAX = 200_000_000
OPS = {73: "INSERT", 85: "UPDATE", 68: "DELETE"}
int2, int4, int8, sized = (Struct(form).unpack_from for form in (">H", ">I", ">Q", ">BI"))
plpy.execute("select plumb.py_prepare_blocks()")
json_of, (quote, as_bytes, as_text) = GD["plumb_json"], GD["plumb_text"]
moment, writer, head, key_of, number_of = GD["plumb_line"]
tables = json.loads(p_tables)
relations, plans, places, doubts, writers = {}, {}, {}, {}, {}


def unquoted(name):
    parts = re.fullmatch(r'("(?:[^"]|"")*"|[^".]+)\.("(?:[^"]|"")*"|[^".]+)', name)
    return tuple(p[1:-1].replace('""', '"') if p[0] == '"' else p for p in parts.groups())


def place_tables():
    plans.clear()
    places.clear()
    for name, table in tables.items():
        places.update((unquoted(member), name) for member in table["members"])


def doubt(kind, relation, place=""):
    doubts[kind, relation, place] = doubts.get((kind, relation, place), 0) + 1


def read_relation(b):
    space_end = b.index(0, 5)
    name_end = b.index(0, space_end + 1)
    p, columns = name_end + 4, []
    for _ in range(int2(b, name_end + 2)[0]):
        end = b.index(0, p + 1)
        columns.append((b[p + 1 : end].decode(), int4(b, end + 1)[0]))
        p = end + 9
    oid = int4(b, 1)[0]
    relations[oid] = (b[5:space_end].decode(), b[space_end + 1 : name_end].decode()), columns
    plans.pop(oid, None)


def shows_names(kind):
    plan = plpy.prepare("select plumb.shows_names($1::oid) as answer", ["bigint"])
    return plpy.execute(plan, [kind])[0]["answer"]


def plan_of(oid):
    """Return how rows of a captured table are printed, or None."""
    if oid not in plans:
        place, columns = relations[oid]
        name = places.get(place)
        plans[oid] = plan_table(name, tables[name], columns) if name else None
    return plans[oid]


def plan_table(name, table, columns):
    key, forms, members, exact = table["key_columns"], [], [], []
    for number, (column, kind) in enumerate(columns):
        if column in table["excluded"] or (column not in key and shows_names(kind)):
            forms.append(str)
            continue
        forms.append(mask if column in table["masked"] else json_of(kind))
        members.append((len(column.encode()), column.encode(), number))
        pattern = table.get("exact", {}).get(column)
        if pattern is not None and column not in table["masked"]:
            exact.append((*members[-1], re.compile(pattern).search))
    # jsonb orders the members of an object so: by length, then by bytes.
    members = [(number, as_bytes(quote(c.decode())) + ": ") for _, c, number in sorted(members)]
    exact = [(n, as_bytes(quote(c.decode())) + ": ", search) for _, c, n, search in sorted(exact)]
    numbers = {column: number for number, (column, _) in enumerate(columns)}
    return (
        name,
        {kind: head(op, name) for kind, op in OPS.items()},
        forms,
        members,
        "{" + ", ".join(f"{column.replace('%', '%%')}%s" for _, column in members) + "}",
        picker([number for number, _ in members]),
        [numbers.get(column) for column in key],
        table["key"][:1] == "[",
        f"{name}\n".encode(),
        number_of(name.encode()),
        exact,
    )


def picker(numbers):
    return itemgetter(*numbers) if len(numbers) > 1 else lambda v: tuple(v[n] for n in numbers)


def mask(_):
    return '"***"'


def read_tuple(b, text, at, forms, null="null"):
    """Return the values of a row, printed, where they end, and whether all are there."""
    values, is_whole = [], True
    at += 2
    for form in forms:
        kind, size = sized(b, at)
        if kind == 116:
            start = at + 5
            at = start + size
            values.append(form(text[start:at]))
        else:
            # n: null. u: a large value that the statement left as it was.
            at += 1
            value = null if kind == 110 else Ellipsis
            is_whole = is_whole and value is not Ellipsis
            values.append(value)
    return values, at, is_whole


def read_change(b, forms, null="null"):
    """Return the old row and the new one, and of each whether all is there.

    A row is a list of printed values, and Ellipsis where there is none.
    """
    kind = b[5]
    text = b.decode("latin-1")
    p, old, new, is_whole, is_new_whole = 5, None, None, True, True
    end = len(b)
    # A null at the end is one byte, where a kind and a size are read.
    b += b"    "
    if kind != 78:
        old, p, is_whole = read_tuple(b, text, p + 1, forms, Ellipsis if kind == 75 else null)
    if p < end:
        new, p, is_new_whole = read_tuple(b, text, p + 1, forms, null)
        if not is_new_whole and old is not None:
            new = [o if n is Ellipsis else n for n, o in zip(new, old)]
            is_new_whole = is_whole
    return old, new, is_whole, is_new_whole


def exactly(row, exact):
    """Return what plumb.exact_row() adds to a row: texts that JSON does not tell apart."""
    texts = [
        name + quote(value)
        for number, name, matches in exact
        if (value := row[number]) not in (None, Ellipsis) and matches(as_text(value))
    ]
    return f'"": {{{", ".join(texts)}}}, ' if texts else ""


def print_row(row, forms):
    return row and [
        "null" if value is None else value if value is Ellipsis else form(value)
        for value, form in zip(row, forms)
    ]


def image(values, is_whole, texts, members, template, pick, relation):
    if is_whole:
        text = template % pick(values)
    else:
        found = [name + values[n] for n, name in members if values[n] is not Ellipsis]
        text = f"{{{', '.join(found)}}}"
    if texts:
        text = "{" + texts + text[1:]
    if len(text) > ROW_BYTES_MAX:
        doubt("row_not_stored", relation)
        text = "{}"
    return text


def follow(b):
    """Apply a change of plumb.audited_tables to what is known of the tables."""
    columns = relations[int4(b, 1)[0]][1]
    old, new, _, _ = read_change(b, [str] * len(columns), None)
    rows = [
        {n: v for (n, _), v in zip(columns, row or ()) if v not in (None, Ellipsis)}
        for row in (old, new)
    ]
    before = tables.pop(as_text((rows[0] or rows[1])["relation"]), {})
    if rows[1].get("capture") == "wal":
        table = before | {
            n: json.loads(as_text(json_of(1009)(v))) for n, v in rows[1].items() if n[-1] == "s"
        }
        key = table["key_columns"]
        is_plain = len(key) == 1 and key[0][:1] != "["
        spec = json.dumps(key, ensure_ascii=False, separators=(",", ":")) if key else ""
        table["key"] = key[0] if is_plain else spec
        table["excluded"], table["masked"] = table["excluded_columns"], table["masked_columns"]
        table["exact"] = json.loads(as_text(rows[1].get("exact_pattern", "{}")))
        tables[as_text(rows[1]["relation"])] = table
    place_tables()


def read_message(b, secret):
    """Return relation, partition, text and time of a message of ours, else None.

    Of who runs a statement the text is what a line says of it, and the partition is none.
    """
    end = b.find(0, 10)
    prefix, content = b[10:end], b[end + 37 :]
    is_row = prefix == b"plumb_row"
    if not is_row and prefix != b"plumb":
        return None
    if b[end + 5 : end + 37] != sha256(secret + prefix + content).digest():
        return None
    at, what = moment(int8(content)[0]), content[8:]
    if not is_row and what in writers:
        return *writers[what], at
    first, second = int4(what, 0)[0], int4(what, 4)[0]
    text = what[8:].decode()
    parts = text[:first], text[first : first + second], text[first + second :]
    if is_row:
        return *parts, at
    if len(writers) > 1000:
        writers.clear()
    writers[what] = parts[0], None, writer(parts[1], parts[2])
    return *writers[what], at


def truncated(b, emptied):
    """Yield the captured tables that a TRUNCATE emptied, and the partitions, with their place."""
    whole = set()
    for p in range(6, len(b), 4):
        place = relations[int4(b, p)[0]][0]
        name = places.get(place)
        if name and (unquoted(name) == place or unquoted(name) in emptied):
            whole.add(name)
        elif name and place not in emptied:
            yield name, place
    for name in sorted(whole):
        emptied.discard(unquoted(name))
        yield name, None


def changes():
    query = "select r.data from plumb.read_slot($1, $2) as r (data)"
    plan = plpy.prepare(query, ["integer", "pg_lsn"])
    cursor = plpy.cursor(plan, [p_items_max, p_to])
    while batch := cursor.fetch(1000):
        for row in batch:
            yield row["data"]


def add_row(blocks, b, kind, plan, said):
    """Add what a change of a captured table says."""
    name, heads, forms, members, template, pick, key, is_list, key_start, number, exact = plan
    old_texts = new_texts = ""
    if exact:
        *old_and_new, is_whole, is_new_whole = read_change(b, [str] * len(forms), None)
        old_texts, new_texts = (exactly(row, exact) if row else "" for row in old_and_new)
        old, new = (print_row(row, forms) for row in old_and_new)
    else:
        old, new, is_whole, is_new_whole = read_change(b, forms)
    if not is_whole or (old is None and kind != 73):
        doubt("old_row_incomplete", name, ".".join(relations[int4(b, 1)[0]][0]))
    at, writer, is_known = said
    if not is_known:
        doubt("actor_missing", name)
    record_key, printed = key_of(new if old is None else old, key, is_list)
    numbers = [number]
    if record_key is not None:
        numbers.append(number_of(key_start + record_key.encode("latin-1")))
        if kind == 85:
            new_key, printed_new = key_of(new, key, is_list)
            if new_key is not None and new_key != record_key:
                numbers.append(number_of(key_start + new_key.encode("latin-1")))
                printed += f', "new_key": {printed_new}'
    shape = members, template, pick, name
    old_row = "null" if old is None else image(old, is_whole, old_texts, *shape)
    new_row = "null" if new is None else image(new, is_new_whole, new_texts, *shape)
    blocks.add(f'{at}{heads[kind]}{printed}{writer}{old_row}, "new_row": {new_row}}}', numbers)


def add_told(blocks, op, name, said, row=None):
    """Add a row that a message tells, or what happened to a table as a whole."""
    at, writer, _ = said
    key, printed = "", "null"
    if row:
        plan = plpy.prepare("select plumb.audit_key($1::jsonb, $2) as key", ["text", "text"])
        key = plpy.execute(plan, [row, tables[name]["key"]])[0]["key"]
        printed = "null" if key is None else as_bytes(quote(key))
    numbers = [number_of(name.encode())]
    if key is not None:
        numbers.append(number_of(f"{name}\n{key}".encode()))
    old_row = as_bytes(row or "null")
    blocks.add(f'{at}{head(op, name)}{printed}{writer}{old_row}, "new_row": null}}', numbers)


def run():
    end_lsn, items, skip, secret = p_through, 0, False, p_key
    blocks = GD["plumb_blocks"]()
    nobody = writer("", "")
    place_tables()
    for b in changes():
        items += 1
        kind = b[0]
        if kind == 66:
            skip = int8(b, 1)[0] < p_through
            txid = p_newest_txid + (int4(b, 17)[0] - p_newest_txid + 2**31) % 2**32 - 2**31
            secret = p_key + txid.to_bytes(8, "big")
            at = moment(int8(b, 9)[0])
            who, said, emptied = (at, nobody, False), {}, set()
            blocks.begin(txid)
        elif kind == 67:
            end_lsn = max(end_lsn, int8(b, 10)[0])
            blocks.end()
        elif kind == 82:
            read_relation(b)
        elif skip:
            continue
        elif kind in OPS:
            oid = int4(b, 1)[0]
            if relations[oid][0] == ("plumb", "audited_tables"):
                follow(b)
            elif plan := plan_of(oid):
                add_row(blocks, b, kind, plan, said.get(plan[0], who))
        elif kind == 77 and (message := read_message(b, secret)):
            name, partition, text, time = message
            if partition is None:
                said[name] = time, text, True
            elif name in tables:
                emptied.add(unquoted(partition))
                if text:
                    add_told(blocks, "DELETE", name, said.get(name, who), text)
        elif kind == 79:
            who = (at, writer(f"replication origin {b[9:-1].decode()}", ""), True)
        elif kind == 84:
            for name, partition in truncated(b, emptied):
                if not said.get(name, who)[2]:
                    doubt("actor_missing", name)
                if partition:
                    doubt("partition_emptied", name, ".".join(partition))
                else:
                    add_told(blocks, "TRUNCATE", name, said.get(name, who))
        if blocks.is_full:
            yield from blocks.finished()
    yield from blocks.finished()
    plan = plpy.prepare("select plumb.note_captured($1, $2, $3, $4)", ["text"] * 3 + ["bigint"])
    for (kind, relation, place), number in doubts.items():
        plpy.execute(plan, [kind, relation, place, number])
    plan = plpy.prepare(
        "update plumb.audit_capture set through_lsn = '0/0'::pg_lsn + $1, tables = $2,"
        " is_behind = $3",
        ["numeric", "jsonb", "boolean"],
    )
    is_behind = p_items_max is not None and items >= p_items_max
    plpy.execute(plan, [end_lsn, json.dumps(tables), is_behind])


return run()
$$;
comment on function plumb.py_read_changes(bigint, bigint, bytea, jsonb, integer, pg_lsn) is
'What was committed after a position of the WAL, as blocks of the log; notes how far it read.';
revoke execute on function plumb.py_read_changes(bigint, bigint, bytea, jsonb, integer, pg_lsn)
from public;
grant execute on function plumb.py_read_changes(bigint, bigint, bytea, jsonb, integer, pg_lsn)
to plumb_owner;
