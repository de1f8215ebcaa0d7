-- Reads what was committed after p_through from the slot, as pgoutput prints it, and returns a row
-- for each change of a captured table. Nothing is taken from the slot. What follows a commit is
-- stored in plumb.audit_capture at the end, in the same transaction as the rows, so that a change
-- is in the log exactly once, whatever is killed when; the slot is advanced by a later call.
--
-- Which tables are captured, under which name, with which key, and what is left out of them, is
-- read from the same stream: the changes of plumb.audited_tables are published as well, and stand
-- between the rows where they were made. A message says who runs a statement on a table; it counts
-- only when it carries the hash that nobody else can make (plumb.tg_audit_statement).
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
    occurred_at timestamptz,
    op text,
    relation text,
    key text,
    actor text,
    app_user text,
    old_row jsonb,
    new_row jsonb
)
language plpython3u
volatile
as $$
import json
import re
from datetime import datetime, timedelta
from hashlib import sha256
from struct import Struct

ROW_CHARACTERS_MAX = 200_000_000
OPS = {73: "INSERT", 85: "UPDATE", 68: "DELETE"}
int2, int4, int8 = (Struct(form).unpack_from for form in (">H", ">I", ">Q"))
plpy.execute("select plumb.py_prepare_json()")
json_of = GD["plumb_json"]
tables = json.loads(p_tables)
relations, plans, places, doubts = {}, {}, {}, {}


def moment(b, p):
    return datetime(2000, 1, 1) + timedelta(microseconds=int8(b, p)[0])


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


def printed(kind, column, table):
    is_key = column in table["key_columns"]
    if column in table["excluded"] or (not is_key and shows_names(kind)):
        return None
    is_masked = column in table["masked"]
    form = (lambda _: '"***"') if is_masked else json_of(kind)
    return json.dumps(column, ensure_ascii=False) + ": ", form


def exactly(columns, table):
    """Return the columns of which the text is kept where it matches, as plumb.exact_row() does."""
    return [
        (number, json.dumps(column, ensure_ascii=False) + ": ", re.compile(pattern).search)
        for number, (column, kind) in enumerate(columns)
        if (pattern := table.get("exact", {}).get(column)) is not None
        and column not in table["masked"]
        and printed(kind, column, table)
    ]


def plan_of(oid):
    """Return the name of a captured table, its key and how columns are printed, or None."""
    if oid not in plans:
        place, columns = relations[oid]
        name = places.get(place)
        table = tables.get(name)
        plans[oid] = table and (
            name,
            table["key"],
            [printed(kind, column, table) for column, kind in columns],
            exactly(columns, table),
        )
    return plans[oid]


def read_tuple(b, p):
    values, at = [], p + 2
    for _ in range(int2(b, p)[0]):
        kind = b[at]
        at += 1
        if kind == 116:
            end = at + 4 + int4(b, at)[0]
            values.append(b[at + 4 : end])
            at = end
        else:
            # n: null. u: a large value that the statement left as it was.
            values.append(None if kind == 110 else Ellipsis)
    return values, at


def read_change(b):
    """Return the values of the old row and of the new one; what the old row lacks is Ellipsis."""
    p, old, new = 5, None, None
    if b[p] in b"KO":
        is_key = b[p] == 75
        old, p = read_tuple(b, p + 1)
        if is_key:
            old = [Ellipsis if value is None else value for value in old]
    if p < len(b):
        new, p = read_tuple(b, p + 1)
        if old is not None:
            new = [o if n is Ellipsis else n for n, o in zip(new, old)]
    return old, new


def image(values, columns, exact, relation):
    if values is None:
        return None
    text = ", ".join(
        [
            c[0] + ("null" if v is None else c[1](v.decode()))
            for v, c in zip(values, columns)
            if c is not None and v is not Ellipsis
        ]
    )
    texts = [
        start + json.dumps(value.decode(), ensure_ascii=False)
        for number, start, matches in exact
        if (value := values[number]) not in (None, Ellipsis) and matches(value.decode())
    ]
    if texts:
        text = f'"": {{{", ".join(texts)}}}, {text}'
    if len(text) > ROW_CHARACTERS_MAX:
        doubt("row_not_stored", relation)
        text = ""
    return "{" + text + "}"


def follow(b):
    """Apply a change of plumb.audited_tables to what is known of the tables."""
    old, new = read_change(b)
    names = [name for name, _ in relations[int4(b, 1)[0]][1]]
    rows = [
        {n: v.decode() for n, v in zip(names, row or ()) if v not in (None, Ellipsis)}
        for row in (old, new)
    ]
    before = tables.pop((rows[0] or rows[1])["relation"], {})
    if rows[1].get("capture") == "wal":
        table = before | {
            n: json.loads(json_of(1009)(v)) for n, v in rows[1].items() if n[-1] == "s"
        }
        key = table["key_columns"]
        is_plain = len(key) == 1 and key[0][:1] != "["
        spec = json.dumps(key, ensure_ascii=False, separators=(",", ":")) if key else ""
        table["key"] = key[0] if is_plain else spec
        table["excluded"], table["masked"] = table["excluded_columns"], table["masked_columns"]
        table["exact"] = json.loads(rows[1].get("exact_pattern", "{}"))
        tables[rows[1]["relation"]] = table
    place_tables()


def read_message(b, txid):
    """Return prefix, relation, name, text and time of a message of ours, else None."""
    try:
        end = b.index(0, 10)
        prefix, content = b[10:end], b[end + 5 :]
        secret = p_key + txid.to_bytes(8, "big") + prefix + content[32:]
        if prefix not in (b"plumb", b"plumb_row") or content[:32] != sha256(secret).digest():
            return None
        first, second = int4(content, 40)[0], int4(content, 44)[0]
        text = content[48:].decode()
        parts = text[:first], text[first : first + second], text[first + second :]
        return prefix, *parts, moment(content, 32)
    except ValueError:
        return None


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


def run():
    end_lsn, items, skip, txid = p_through, 0, False, 0
    place_tables()
    for b in changes():
        items += 1
        kind = b[0]
        if kind == 82:
            read_relation(b)
        elif kind == 66:
            skip = int8(b, 1)[0] < p_through
            txid = p_newest_txid + (int4(b, 17)[0] - p_newest_txid + 2**31) % 2**32 - 2**31
            when = moment(b, 9)
            who, said, emptied = ("", "", when), {}, set()
        elif kind == 67:
            end_lsn = max(end_lsn, int8(b, 10)[0])
        elif skip:
            continue
        elif kind == 79:
            who = (f"replication origin {b[9:-1].decode()}", "", when)
        elif kind == 77 and (message := read_message(b, txid)):
            prefix, name, second, text, at = message
            if prefix == b"plumb":
                said[name] = (second, text, at)
            elif name in tables:
                emptied.add(unquoted(second))
                if text:
                    actor, app, at = said.get(name, who)
                    key = tables[name]["key"]
                    yield txid, f"{at}+00", "DELETE", name, key, actor, app, text, None
        elif kind == 84:
            for name, partition in truncated(b, emptied):
                actor, app, at = said.get(name, who)
                if not actor:
                    doubt("actor_missing", name)
                if partition:
                    doubt("partition_emptied", name, ".".join(partition))
                else:
                    yield txid, f"{at}+00", "TRUNCATE", name, "", actor, app, None, None
        elif kind in OPS:
            oid = int4(b, 1)[0]
            if relations[oid][0] == ("plumb", "audited_tables"):
                follow(b)
            elif plan := plan_of(oid):
                name, key, columns, exact = plan
                actor, app, at = said.get(name, who)
                if not actor:
                    doubt("actor_missing", name)
                old, new = read_change(b)
                if kind != 73 and (old is None or Ellipsis in old):
                    doubt("old_row_incomplete", name, ".".join(relations[oid][0]))
                old, new = (image(row, columns, exact, name) for row in (old, new))
                yield txid, f"{at}+00", OPS[kind], name, key, actor, app, old, new
    plan = plpy.prepare("select plumb.note_captured($1, $2, $3, $4)", ["text"] * 3 + ["bigint"])
    for (kind, relation, place), count in doubts.items():
        plpy.execute(plan, [kind, relation, place, count])
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
'What was committed after a position of the WAL, as rows of the intake; notes how far it read.';
revoke execute on function plumb.py_read_changes(bigint, bigint, bytea, jsonb, integer, pg_lsn)
from public;
grant execute on function plumb.py_read_changes(bigint, bigint, bytea, jsonb, integer, pg_lsn)
to plumb_owner;
