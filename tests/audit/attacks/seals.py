"""Attacks on the seals, which are the same in every format."""

SEALED = "(select max(seal_id) - 1 from seals)"
NEWEST = "(select max(seal_id) from seals)"

ATTACKS = {
    "seal edited": (
        f"update seals set sealed_at = now() where seal_id = {SEALED}",
        [("seal_altered", 0, False, None)],
    ),
    "seal's row count edited": (
        f"update seals set row_count = row_count + 1 where seal_id = {SEALED}",
        [("members_altered", 0, False, None), ("seal_altered", 0, False, None)],
    ),
    "seal doubled": (
        "alter table seals drop constraint seals_pkey,"
        " drop constraint seals_prev_hash_key, drop constraint seals_seal_hash_key;"
        f"insert into seals select * from seals where seal_id = {SEALED}",
        [("seal_unlinked", 0, False, None)],
    ),
    "middle seal deleted": (
        f"delete from seals where seal_id = {SEALED}",
        [("seal_missing", 0, False, None)],
    ),
    "newest seal deleted": (
        f"delete from seals where seal_id = {NEWEST}",
        [("seal_missing", 1, False, None)],
    ),
}


def hide_behind_lost_link(edit: str) -> tuple:
    """Return an attack that edits a row and erases the link which would tell."""
    return (
        "alter table seals alter seal_hash drop not null, alter format drop not null;"
        + edit
        + f"; update seals set seal_hash = null, format = null where seal_id = {SEALED}",
        [("row_altered", 0, True, 2), ("seal_altered", 0, False, None)],
    )
