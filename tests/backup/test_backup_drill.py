"""Each way in which a backup can be broken is found at the tier that is there for it."""

import json
import shutil

import psycopg
import pytest
from plumbline.cli import backup
from plumbline.cli.backup import shadow as backup_shadow
from plumbline.cli.backup import store as backup_store
from plumbline.core.errors import PlumbError

ALL = [
    "checksum", "decrypted", "restored", "amcheck", "row_counts", "invariants", "audit", "drift",
]  # fmt: skip


def rewrite_manifest(made: backup_store.Backup, **changes: object) -> None:
    manifest = made.manifest() | changes
    (made.path / "manifest.json").write_text(json.dumps(manifest))


def forget(backups) -> None:
    """Take the record of the database away, as when it was restored to an earlier day."""
    backups.db.execute("delete from plumb.backups")


def test_a_good_backup_passes_every_tier_and_counts_for_health(backups, shadow, make_key):
    backups.key_id = make_key("ops@example.com")
    backups.db.execute("select plumb.seal_audit()")
    made = backups.make()

    status, tiers = backups.validate(made)

    assert status == "valid"
    assert tiers == dict.fromkeys(ALL, "passed")
    assert backups.db.execute("select status, points from plumb.measure_backup(10)").fetchone() == (
        "good",
        10,
    )
    recorded = backups.db.execute(
        "select restore_seconds > 0, validated_on <> '' from plumb.backup_validations"
    ).fetchone()
    assert recorded == (True, True)
    assert backups.open_incidents() == []


def test_nothing_of_the_copy_acts_by_itself(backups, shadow):
    backups.validate(backups.make())

    with psycopg.connect(shadow) as copy:
        extensions = {name for (name,) in copy.execute("select extname from pg_extension")}
        event_triggers = copy.execute("select count(*) from pg_event_trigger").fetchone()[0]
        messages = copy.execute("select count(*) from plumb.outbox").fetchone()[0]
    assert "pg_cron" not in extensions
    assert event_triggers == 0
    assert messages == backups.db.execute("select count(*) from plumb.outbox").fetchone()[0]


def test_a_flipped_bit_is_found_by_the_checksum(backups):
    made = backups.make()
    dump = made.path / "database.dump"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)

    assert backups.validate(made) == ("invalid", {"checksum": "failed"})
    assert backups.open_incidents() == [("validation",)]


def test_a_truncated_file_is_found_by_the_checksum(backups):
    made = backups.make()
    dump = made.path / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-100])

    assert backups.validate(made) == ("invalid", {"checksum": "failed"})


def test_a_truncated_dump_with_fitting_sums_is_found_by_the_restore(backups, shadow):
    backups.db.execute(
        "create table public.notes as select sha512(i::text::bytea) from generate_series(1, 2000) i"
    )
    made = backups.make()
    dump = made.path / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-20000])
    sha256, size = backup_store.digest(dump)
    rewrite_manifest(made, sha256=sha256, sizeBytes=size, dumpSha256=sha256)
    forget(backups)

    status, tiers = backups.validate(made)

    assert status == "invalid"
    assert tiers["restored"] == "failed"


def test_a_missing_file_is_found_by_the_checksum(backups):
    made = backups.make()
    (made.path / "database.dump").unlink()

    assert backups.validate(made) == ("invalid", {"checksum": "failed"})


def test_a_damaged_manifest_is_found_by_the_checksum(backups):
    made = backups.make()
    (made.path / "manifest.json").write_text("{")

    assert backups.validate(made) == ("invalid", {"checksum": "failed"})


def test_an_old_backup_under_a_new_name_is_found_by_the_checksum(backups):
    old, new = backups.make(), backups.make()
    shutil.rmtree(new.path)
    shutil.copytree(old.path, new.path)

    assert backups.validate(new)[1] == {"checksum": "failed"}

    rewrite_manifest(new, name=new.name)

    assert backups.validate(new)[1] == {"checksum": "failed"}


def test_another_key_than_the_manifests_is_found_by_decrypting(backups, make_key):
    backups.key_id = make_key("ops@example.com")
    expected = backups.make().manifest()
    backups.key_id = make_key("stranger@example.com")
    made = backups.make()
    rewrite_manifest(made, encryptedTo=expected["encryptedTo"], keyIds=expected["keyIds"])

    assert backups.validate(made)[1] == {"checksum": "passed", "decrypted": "failed"}


def test_without_the_private_key_it_is_unknown_and_not_broken(backups, make_key, monkeypatch):
    backups.key_id = make_key("ops@example.com")
    made = backups.make()
    monkeypatch.setenv("GNUPGHOME", str(backups.directory))

    status, tiers = backups.validate(made)

    assert status == "unknown"
    assert tiers == {"checksum": "passed", "decrypted": "unknown"}
    # Whoever holds the key will prove it; that nobody does in time is found by its age.
    assert backups.open_incidents() == []


def test_a_table_without_its_rows_is_found_by_the_row_counts(backups, shadow):
    made = backups.make("--exclude-table-data=retail.stock_ledger")

    status, tiers = backups.validate(made)

    assert status == "invalid"
    assert next(tier for tier in ALL if tiers[tier] == "failed") == "row_counts"


def test_a_missing_table_is_found_by_the_row_counts(backups, shadow):
    backups.db.execute("create table public.notes as select 1 as note")
    made = backups.make("--exclude-table=public.notes")

    status, tiers = backups.validate(made)

    assert status == "invalid"
    assert [tier for tier in tiers if tiers[tier] == "failed"] == ["row_counts"]


def test_a_faithful_copy_of_data_that_violates_a_rule_is_valid_and_says_so(backups, shadow):
    backups.db.execute("set session_replication_role = replica")
    backups.db.execute("update retail.sales set total = 1000")
    backups.db.execute("reset session_replication_role")
    made = backups.make()

    status, tiers = backups.validate(made)

    assert status == "valid"
    assert [tier for tier in tiers if tiers[tier] == "failed"] == ["invariants"]
    reason = backups.db.execute("select reason from plumb.backup_validations").fetchone()[0]
    assert "faithful to data that violates a rule: " in reason
    assert "SALE_TOTAL_MATCHES_LINE_ITEMS" in reason
    assert backups.open_incidents() == []
    evidence = backups.db.execute(
        "select evidence from plumb.backup_tiers where tier = 'invariants'"
    ).fetchone()[0]
    assert "SALE_TOTAL_MATCHES_LINE_ITEMS" in evidence


def test_an_accepted_finding_fails_no_backup_and_a_new_one_does(backups, shadow):
    def edit(table_row):
        guard = "trigger audit_blocks_are_append_only"
        backups.db.execute(f"alter table plumb.audit_blocks disable {guard}")
        # The line of a baseline, one after another.
        backups.db.execute(
            "update plumb.audit_blocks as b set lines = replace(b.lines, l.line,"
            """ replace(l.line, '"actor": "', '"actor": "x'))"""
            " from (select o.seal_id, o.block_number, s.line from plumb.audit_blocks as o,"
            r" string_to_table(o.lines, e'\n') as s (line)"
            """ where s.line like '%"op": "BASELINE"%' order by 1, 2, 3"""
            f" limit 1 offset {table_row}) as l"
            " where l.seal_id = b.seal_id and l.block_number = b.block_number"
        )
        backups.db.execute(f"alter table plumb.audit_blocks enable always {guard}")

    backups.db.execute("select plumb.seal_audit()")
    edit(0)
    backups.db.execute("select plumb.run_audit_check(true)")
    backups.db.execute(
        "select plumb.accept_finding(audit_finding_id, 'Ann', 'known') from plumb.open_findings"
        " where source = 'log'"
    )
    backups.db.execute("select plumb.seal_audit()")
    status, tiers = backups.validate(backups.make())
    assert (status, tiers["audit"]) == ("valid", "passed")
    evidence = "select evidence from plumb.backup_tiers where tier = 'audit'"
    assert backups.db.execute(evidence).fetchone()[0].endswith(", 1 accepted finding")

    edit(1)
    status, tiers = backups.validate(backups.make())
    assert (status, tiers["audit"]) == ("invalid", "failed")


def test_an_audit_log_that_is_not_the_live_one_is_found_by_its_seals(backups, shadow):
    backups.db.execute("select plumb.seal_audit()")
    made = backups.make()
    backups.db.execute("alter table plumb.seals disable trigger user")
    backups.db.execute("update plumb.seals set seal_hash = sha256('forged') where seal_id = 1")

    status, tiers = backups.validate(made)

    assert status == "invalid"
    assert [tier for tier in tiers if tiers[tier] == "failed"] == ["audit"]


def test_an_unreachable_shadow_is_unknown(backups):
    backups.shadow_url = "postgresql://postgres@127.0.0.1:1/nowhere"

    status, tiers = backups.validate(backups.make())

    assert (status, tiers["restored"]) == ("unknown", "unknown")
    assert backups.open_incidents() == [("validation",)]


def test_a_database_that_is_not_marked_is_never_touched(backups):
    name = backups.shadow_url and psycopg.conninfo.conninfo_to_dict(backups.shadow_url)["dbname"]
    backups.db.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
    with psycopg.connect(backups.shadow_url) as precious:
        precious.execute("create table precious (id integer)")

    status, tiers = backups.validate(backups.make())

    assert (status, tiers["restored"]) == ("unknown", "unknown")
    with pytest.raises(PlumbError, match="holds 1 table"):
        backup_shadow.prepare(backups.shadow_url, backups.url)
    with psycopg.connect(backups.shadow_url) as precious:
        assert precious.execute("select count(*) from precious").fetchone() == (0,)


def test_the_live_database_is_no_shadow_even_if_it_is_marked(backups):
    name = backups.db.info.dbname
    backups.shadow_url = backups.url
    backups.db.execute(
        psycopg.sql.SQL("alter database {} set plumb.is_shadow = 'on'").format(
            psycopg.sql.Identifier(name)
        )
    )

    status, tiers = backups.validate(backups.make())

    assert (status, tiers["restored"]) == ("unknown", "unknown")
    assert backups.db.execute("select count(*) from retail.sales").fetchone() == (1,)


def test_the_next_good_backup_clears_the_incident(backups, shadow):
    broken = backups.make()
    (broken.path / "database.dump").write_bytes(b"")
    backups.validate(broken)
    assert backups.open_incidents() == [("validation",)]

    status, _ = backups.validate(backups.make())

    assert status == "valid"
    assert backups.open_incidents() == []


def test_the_restored_copy_does_not_stay(backups, shadow):
    made = backups.make()

    status, _ = backup.validate(backups.config, made.name)

    assert status == "valid"
    with psycopg.connect(shadow) as copy:
        assert copy.execute("select to_regclass('retail.sales')").fetchone() == (None,)
