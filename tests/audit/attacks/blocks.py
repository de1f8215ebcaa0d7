"""Attacks on a log in format 2, whose rows stand in blocks."""

from . import seals
from .log import Log
from .seals import SEALED, hide_behind_lost_link

OF_21 = """ where lines like '%"record_key": "21"%'"""
OF_11 = """ where lines like '%"record_key": "11"%'"""
EDIT = """update audit_blocks set lines = replace(lines, '"id": {0},', '"id": 666,')
    where lines like '%"record_key": "{0}"%'"""
# Lines 1, 2 and 3 of the block, one of them left out or said twice.
LINES = (
    "update audit_blocks set lines = array_to_string((string_to_array(lines, e'\\n')){}, e'\\n')"
)
RELINK = "update audit_blocks as b set link_hash = link_digest(b)"
REDIGEST = (
    "; update audit_blocks set digests = overlay(digests placing sha256(substr(salts, 33, 32)"
    " || convert_to(split_part(lines, e'\\n', 2), 'UTF8')) from 33)"
)
FORGE_REDACTION = (
    "update audit_blocks as b set"
    " block_hash = block_digest(null, keys, salts, lines),"
    " salts = overlay(salts placing decode(repeat('00', 32), 'hex') from 33),"
    " lines = replace(lines, '\"id\": 21,', '\"id\": 666,')"
)
DROP_KEY = "alter table audit_blocks drop constraint audit_blocks_pkey;"

ATTACKS = seals.ATTACKS | {
    "first row edited": (EDIT.format(20), [("row_altered", 0, True, 1)]),
    "middle row edited": (EDIT.format(21), [("row_altered", 0, True, 2)]),
    "last row edited": (EDIT.format(22), [("row_altered", 0, True, 3)]),
    "row made something else than JSON": (
        "update audit_blocks set lines = replace(lines, '\"id\": 21', '\"id\": ')" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "row made something that no parser wants": (
        "update audit_blocks set lines = replace(lines, '\"id\": 21',"
        " '\"id\": ' || repeat('[', 100000))" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "number of a row erased": (
        "update audit_blocks set lines = replace(lines, '{\"n\": 2,', '{\"m\": 2,')" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "salt edited": (
        "update audit_blocks set salts = overlay(salts placing sha256('') from 33)" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "salts too long": (
        "update audit_blocks set salts = salts || '\\x00'" + OF_21,
        [("block_altered", 0, True, 1)],
    ),
    "salts too short": (
        "update audit_blocks set salts = substr(salts, 1, 95)" + OF_21,
        [("row_altered", 0, True, 3)],
    ),
    "no salts": (
        "alter table audit_blocks alter salts drop not null;"
        "update audit_blocks set salts = null" + OF_21,
        [("row_altered", 0, True, 1), ("row_altered", 0, True, 2), ("row_altered", 0, True, 3)],
    ),
    "digest edited": (
        "update audit_blocks set digests = overlay(digests placing sha256('') from 33)" + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "digest missing": (
        "update audit_blocks set digests = substr(digests, 1, 64)" + OF_21,
        [("row_altered", 0, True, 3)],
    ),
    "row recomputed": (
        EDIT.format(21) + REDIGEST + OF_21,
        [("block_altered", 0, True, 1)],
    ),
    "first block recomputed": (
        EDIT.format(11) + REDIGEST + OF_11 + "; " + RELINK + OF_11,
        [("block_unlinked", 0, True, 1)],
    ),
    "last block recomputed": (
        EDIT.format(21) + REDIGEST + OF_21 + "; " + RELINK + OF_21,
        [("members_altered", 0, False, None)],
    ),
    "first row deleted": (LINES.format("[2:3]") + OF_21, [("row_missing", 0, True, 1)]),
    "middle row deleted": (
        LINES.format("[1:1] || (string_to_array(lines, e'\\n'))[3:3]") + OF_21,
        [("row_missing", 0, True, 2)],
    ),
    "last row deleted": (LINES.format("[1:2]") + OF_21, [("row_missing", 0, True, 3)]),
    "all rows deleted": (
        "update audit_blocks set lines = ''" + OF_21,
        [("row_missing", 0, True, 1)],
    ),
    "rows erased": (
        "alter table audit_blocks alter lines drop not null;"
        "update audit_blocks set lines = null" + OF_21,
        [("row_missing", 0, True, 1)],
    ),
    "block deleted": (
        "delete from audit_blocks" + OF_21,
        [("block_missing", 0, False, None)],
    ),
    "first block deleted": (
        "delete from audit_blocks" + OF_11,
        [("block_missing", 0, False, None)],
    ),
    "all blocks of a seal deleted": (
        f"delete from audit_blocks where seal_id = {SEALED}",
        [("block_missing", 0, False, None)],
    ),
    "row appended": (
        "update audit_blocks set lines = lines || e'\\n'"
        " || replace(split_part(lines, e'\\n', 3), '{\"n\": 3,', '{\"n\": 4,')" + OF_21,
        [("row_added", 0, True, 4)],
    ),
    "row before the first": (
        "update audit_blocks set lines ="
        " replace(split_part(lines, e'\\n', 1), '{\"n\": 1,', '{\"n\": 0,')"
        " || e'\\n' || lines" + OF_21,
        [("row_added", 0, True, 0)],
    ),
    "row doubled": (
        "update audit_blocks set lines = lines || e'\\n' || split_part(lines, e'\\n', 2)" + OF_21,
        [("row_added", 0, True, 2)],
    ),
    "row renumbered": (
        "update audit_blocks set lines = replace(lines, '{\"n\": 3,', '{\"n\": 999999999,')"
        + OF_21,
        [("row_added", 0, True, 999999999), ("row_missing", 0, True, 3)],
    ),
    "rows swapped": (
        "update audit_blocks set lines = replace(replace(replace(lines,"
        " '\"id\": 20,', '\"id\": x,'), '\"id\": 21,', '\"id\": 20,'),"
        " '\"id\": x,', '\"id\": 21,')" + OF_21,
        [("row_altered", 0, True, 1), ("row_altered", 0, True, 2)],
    ),
    "rows in another order": (
        LINES.format("[2:3] || (string_to_array(lines, e'\\n'))[1:1]") + OF_21,
        [("block_altered", 0, True, 1)],
    ),
    "redaction forged": (
        FORGE_REDACTION + OF_21,
        [("redaction_altered", 0, True, 2), ("redaction_altered", 0, True, None)],
    ),
    "keys taken away to hide a row from its history": (
        "update audit_blocks set keys = '{}'" + OF_21,
        [("block_altered", 0, True, 1)],
    ),
    "the same with the block's hash kept as if it were redacted": (
        "update audit_blocks set block_hash = block_digest(null, keys, salts, lines), keys = '{}'"
        + OF_21,
        [("redaction_altered", 0, True, None)],
    ),
    "hash of a block made up": (
        "update audit_blocks set block_hash = sha256('')" + OF_21,
        [("block_altered", 0, True, 1), ("redaction_altered", 0, True, None)],
    ),
    "link erased to hide an edit": (
        "alter table audit_blocks alter prev_hash drop not null;"
        + EDIT.format(21)
        + "; update audit_blocks set prev_hash = null"
        + OF_21,
        [("block_unlinked", 0, True, 1), ("row_altered", 0, True, 2)],
    ),
    "hash erased to hide an edit": (
        "alter table audit_blocks alter link_hash drop not null;"
        + EDIT.format(21)
        + "; update audit_blocks set link_hash = null"
        + OF_21,
        [("members_altered", 0, False, None), ("row_altered", 0, True, 2)],
    ),
    "transaction renamed": (
        "update audit_blocks set txid = '5'" + OF_21,
        [("block_altered", 0, 5, 1)],
    ),
    "format erased to hide an edit": (
        "alter table audit_blocks alter format drop not null;"
        + EDIT.format(21)
        + "; update audit_blocks set format = null"
        + OF_21,
        [("row_altered", 0, True, 2)],
    ),
    "rows said to begin later": (
        "update audit_blocks set first_n = 2" + OF_21,
        [
            *[("members_altered", 0, False, None), ("row_added", 0, True, 1)],
            *[("row_altered", 0, True, 2), ("row_altered", 0, True, 3)],
            ("row_missing", 0, True, 4),
        ],
    ),
    "more rows said to be there": (
        "update audit_blocks set row_count = 4" + OF_21,
        [("members_altered", 0, False, None), ("row_missing", 0, True, 4)],
    ),
    "block renumbered": (
        "update audit_blocks set block_number = 9" + OF_21,
        [
            *[("block_added", 0, True, 1), ("block_altered", 0, True, 1)],
            ("block_missing", 0, False, None),
        ],
    ),
    "block numbered below the first": (
        "update audit_blocks set block_number = 0" + OF_21,
        [
            *[("block_added", 0, True, 1), ("block_altered", 0, True, 1)],
            ("block_missing", 0, False, None),
        ],
    ),
    "block doubled": (
        DROP_KEY + "insert into audit_blocks select * from audit_blocks" + OF_21,
        [("block_added", 0, True, 1)],
    ),
    "block put into a seal that is closed": (
        "insert into audit_blocks select seal_id, block_number + 1, txid, format, first_n,"
        " row_count, keys, lines, salts, digests, block_hash, link_hash, link_hash"
        " from audit_blocks" + OF_21 + "; " + RELINK + OF_21,
        [("block_added", 0, True, 1)],
    ),
    "block put into a seal to come": (
        "insert into audit_blocks select seal_id + 50, block_number, txid, format, first_n,"
        " row_count, keys, lines, salts, digests, block_hash, prev_hash, link_hash"
        " from audit_blocks" + OF_21,
        [("seal_missing", 50, False, None)],
    ),
    "seal's block count edited": (
        f"update seals set block_count = block_count + 1 where seal_id = {SEALED}",
        [("block_missing", 0, False, None), ("seal_altered", 0, False, None)],
    ),
    "seal recomputed": (
        f"update seals set is_opening = true where seal_id = {SEALED};"
        f"update seals as s set seal_hash = seal_digest(s) where seal_id = {SEALED}",
        [("seal_unlinked", 1, False, None)],
    ),
    "seal made one of format 1, which closes no blocks": (
        "alter table seals alter block_count drop not null;"
        "update seals set format = 1, snapshot = '3:3:', block_count = null"
        f" where seal_id = {SEALED}",
        [
            *[("block_added", 0, "11", 1), ("block_added", 0, True, 1)],
            *[("members_altered", 0, False, None), ("seal_altered", 0, False, None)],
        ],
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
    v_block plumb.audit_blocks;
    v_before bytea;
    v_digests bytea;
begin
    for v_seal in select s.* from plumb.seals as s where s.seal_id >= v_from order by s.seal_id loop
        select s.seal_hash into v_before from plumb.seals as s where s.seal_id = v_seal.seal_id - 1;
        v_seal.prev_hash := v_before;
        for v_block in
            select b.* from plumb.audit_blocks as b
            where b.seal_id = v_seal.seal_id order by b.block_number
        loop
            v_block.prev_hash := v_before;
            select string_agg(
                sha256(
                    substr(v_block.salts, 32 * l.number::integer - 31, 32)
                    || convert_to(l.line, 'UTF8')
                ), '' order by l.number
            )
            into v_block.digests
            from string_to_table(v_block.lines, e'\\n') with ordinality as l (line, number);
            v_block.link_hash := plumb.link_digest(v_block);
            v_before := v_block.link_hash;
            update plumb.audit_blocks as b
            set prev_hash = v_block.prev_hash, digests = v_block.digests, link_hash = v_before
            where b.seal_id = v_block.seal_id and b.block_number = v_block.block_number;
            v_seal.members_hash := v_before;
        end loop;
        v_seal.seal_hash := plumb.seal_digest(v_seal);
        update plumb.seals as s
        set
            prev_hash = v_seal.prev_hash,
            members_hash = v_seal.members_hash,
            seal_hash = v_seal.seal_hash
        where s.seal_id = v_seal.seal_id;
    end loop;
end;
$$
"""

LOG = Log(
    attacks=ATTACKS,
    edit=EDIT,
    undo_redaction=EDIT.format(21),
    recompute_from=RECOMPUTE_FROM,
    tables=("audit_blocks", "seals"),
    transaction="select txid::text::bigint from log_of('app.item', '{}')",
    read_by="plumb.audit_blocks as b where b.seal_id",
    edited=(("11", 2), ("21", 2), ("31", 2)),
    missing="block_missing",
    missing_count="select count(*) from seals where block_count > 0",
)
