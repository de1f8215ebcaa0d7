"""Attacks on a log in format 1, whose rows are chained one by one."""

from . import seals
from .log import Log
from .seals import SEALED, hide_behind_lost_link

AN_ITEM = "relation = 'app.item' and record_key = '{}'"
RECOMPUTE = (
    "update audit_rows as l set actor = 'evil', row_hash = sha256(l.prev_hash || link_bytes("
    "payload_digest(l.salt, l.record_key, l.old_row, l.new_row), l.occurred_at, l.format,"
    " l.base_seal, l.txid, l.n, l.op, l.relation, 'evil', l.app_user)) where " + AN_ITEM
)
COPY = (
    "insert into audit_rows select base_seal, {}, occurred_at, {}, format, op, relation, '99',"
    " actor, app_user, old_row, new_row, salt, payload_digest, {}, row_hash from audit_rows where "
    + AN_ITEM
)
DELETE = "delete from audit_rows where " + AN_ITEM
EDIT = "update audit_rows set new_row = '{{\"id\": 666}}' where " + AN_ITEM
DROP_TRANSACTION = "delete from {} where txid = (select txid from audit_rows where " + AN_ITEM + ")"

ATTACKS = seals.ATTACKS | {
    "first row edited": (EDIT.format(20), [("row_altered", 0, True, 1)]),
    "middle row edited": (EDIT.format(21), [("row_altered", 0, True, 2)]),
    "last row edited": (EDIT.format(22), [("row_altered", 0, True, 3)]),
    "salt of another length": (
        "update audit_rows set salt = salt || '\\x00' where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "no salt": (
        "update audit_rows set salt = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "first row recomputed": (RECOMPUTE.format(20), [("row_unlinked", 0, True, 2)]),
    "middle row recomputed": (RECOMPUTE.format(21), [("row_unlinked", 0, True, 3)]),
    "last row recomputed": (RECOMPUTE.format(22), [("transaction_altered", 0, True, 3)]),
    "first row deleted": (DELETE.format(20), [("row_missing", 0, True, 1)]),
    "middle row deleted": (DELETE.format(21), [("row_missing", 0, True, 2)]),
    "last row deleted": (DELETE.format(22), [("row_missing", 0, True, 3)]),
    "transaction deleted": (
        DROP_TRANSACTION.format("audit_rows", 20),
        [("transaction_missing", 0, True, None)],
    ),
    "entry deleted": (
        DROP_TRANSACTION.format("audit_transactions", 20),
        [("members_altered", 0, False, None), ("transaction_added", 0, True, None)],
    ),
    "row appended and linked": (
        COPY.format("txid", 4, "row_hash", 22),
        [("row_added", 0, True, 4), ("row_altered", 0, True, 4)],
    ),
    "row before the first": (
        COPY.format("txid", 0, "prev_hash", 20),
        [("row_added", 0, True, 0), ("row_altered", 0, True, 0)],
    ),
    "row before the first, with the first linked to it": (
        COPY.format("txid", 0, "prev_hash", 20)
        + "; update audit_rows as l set prev_hash = o.row_hash from audit_rows as o"
        " where l.txid = o.txid and l.n = 1 and o.n = 0",
        [
            *[("row_added", 0, True, 0), ("row_altered", 0, True, 0)],
            *[("row_altered", 0, True, 1), ("row_unlinked", 0, True, 1)],
        ],
    ),
    "row doubled": (
        "alter table audit_rows drop constraint audit_log_pkey;"
        + COPY.format("txid", "n", "prev_hash", 21).replace("'99'", "record_key"),
        [("row_added", 0, True, 2)],
    ),
    "time erased to hide an edit": (
        "alter table audit_rows alter occurred_at drop not null;"
        "update audit_rows set occurred_at = null, new_row = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "link erased to hide an edit": (
        "alter table audit_rows alter prev_hash drop not null;"
        "update audit_rows set prev_hash = null, new_row = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2), ("row_unlinked", 0, True, 2)],
    ),
    "first link erased to hide an edit": (
        "alter table audit_rows alter prev_hash drop not null;"
        "update audit_rows set prev_hash = null, new_row = null where " + AN_ITEM.format(20),
        [("row_altered", 0, True, 1), ("row_unlinked", 0, True, 1)],
    ),
    "hash erased to hide an edit": (
        "alter table audit_rows alter row_hash drop not null;"
        "update audit_rows set row_hash = null, new_row = null where " + AN_ITEM.format(22),
        [("row_altered", 0, True, 3), ("transaction_altered", 0, True, 3)],
    ),
    "names erased": (
        "alter table audit_rows alter actor drop not null, alter app_user drop not null;"
        "update audit_rows set actor = null, app_user = null where " + AN_ITEM.format(21),
        [("row_altered", 0, True, 2)],
    ),
    "row appended without a number": (
        "alter table audit_rows drop constraint audit_log_pkey;"
        "alter table audit_rows alter n drop not null;"
        + COPY.format("txid", "null", "row_hash", 22)
        + "; update audit_rows as l set row_hash = row_digest(l) where n is null",
        [("row_altered", 0, True, None)],
    ),
    "row appended without a transaction": (
        "alter table audit_rows drop constraint audit_log_pkey;"
        "alter table audit_rows alter txid drop not null;"
        + COPY.format("null", 1, "prev_hash", 20)
        + "; update audit_rows as l set row_hash = row_digest(l) where txid is null",
        [("row_altered", None, None, 1)],
    ),
    "last number of all": (
        "update audit_rows set n = 2147483647 where " + AN_ITEM.format(22),
        [
            *[("row_added", 0, True, 2147483647), ("row_altered", 0, True, 2147483647)],
            ("row_missing", 0, True, 3),
        ],
    ),
    "rows swapped": (
        "update audit_rows as l set new_row = o.new_row, record_key = o.record_key"
        " from audit_rows as o where l.relation = 'app.item' and o.relation = 'app.item'"
        " and l.record_key in ('20', '21') and o.record_key in ('20', '21') and l.n <> o.n",
        [("row_altered", 0, True, 1), ("row_altered", 0, True, 2)],
    ),
    "seal recomputed": (
        "with s as (select s.seal_id, seal_digest(row(s.seal_id, s.format, s.origin, true,"
        " s.snapshot, s.adopted, s.transaction_count, s.row_count, s.members_hash, s.sealed_at,"
        " s.prev_hash, s.seal_hash, s.block_count)::seals) as hash from seals as s"
        f" where s.seal_id = {SEALED}) update seals as t set is_opening = true,"
        " seal_hash = s.hash from s where t.seal_id = s.seal_id",
        [("row_unlinked", 1, "30", 1), ("seal_unlinked", 1, False, None)],
    ),
    "link between seals erased to recompute what lies before it": hide_behind_lost_link(
        EDIT.format(21)
    ),
}

# What a superuser would run who means to hide that he changed the log from some seal on.
RECOMPUTE_FROM = """
do $$
declare
    v_from constant bigint := %s;
    v_seal plumb.seals;
    v_row plumb.audit_rows;
    v_before bytea;
begin
    for v_seal in select s.* from plumb.seals as s where s.seal_id >= v_from order by s.seal_id loop
        for v_row in
            select l.* from plumb.audit_rows as l
            inner join plumb.audit_transactions as t
                on t.txid = l.txid and t.base_seal = l.base_seal
            where t.seal_id = v_seal.seal_id order by l.txid, l.base_seal, l.n
        loop
            if v_row.n = 1 then
                select s.seal_hash into v_before from plumb.seals as s
                where s.seal_id = v_row.base_seal;
            end if;
            update plumb.audit_rows as l set
                prev_hash = v_before,
                row_hash = sha256(v_before || plumb.link_bytes(
                    plumb.payload_digest(l.salt, l.record_key, l.old_row, l.new_row),
                    l.occurred_at, l.format, l.base_seal, l.txid, l.n, l.op, l.relation, l.actor,
                    l.app_user
                ))
            where l.txid = v_row.txid and l.n = v_row.n and l.base_seal = v_row.base_seal
            returning row_hash into v_before;
            update plumb.audit_transactions as t set last_hash = v_before
            where t.txid = v_row.txid and t.base_seal = v_row.base_seal;
        end loop;
        select s.seal_hash into v_before from plumb.seals as s where s.seal_id = v_seal.seal_id - 1;
        update plumb.seals as s set prev_hash = v_before where s.seal_id = v_seal.seal_id;
        update plumb.seals as s set members_hash = d.members_hash
        from plumb.members_digest(v_seal.seal_id, v_seal.seal_id) as d
        where s.seal_id = v_seal.seal_id;
        update plumb.seals as s set seal_hash = plumb.seal_digest(s.*)
        where s.seal_id = v_seal.seal_id;
    end loop;
end;
$$
"""

LOG = Log(
    attacks=ATTACKS,
    edit=EDIT,
    undo_redaction="update audit_rows set new_row = '{}' where payload_digest is not null",
    recompute_from=RECOMPUTE_FROM,
    tables=("audit_rows", "audit_transactions", "seals"),
    transaction="select txid::text::bigint from audit_rows where " + AN_ITEM,
    read_by="plumb.audit_rows as l ",
    edited=(("20", 1), ("21", 2), ("22", 3)),
    missing="transaction_missing",
    missing_count="select count(*) from audit_transactions",
)
