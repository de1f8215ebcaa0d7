"""A standby verifies what it has, and when it is promoted what was true stays verifiable."""

import json

import psycopg
import pytest
from plumbline.cli.__main__ import main
from waiting import wait_until

from .clusters import (
    SECONDS_MAX,
    agreed,
    anchor_of,
    connect,
    copy_of,
    has_caught_up,
    held_to,
    kill,
    unreconciled,
)
from .conftest import edit, seal


@pytest.fixture
def pair(own_log):
    """Yield a primary and its standby, which has caught up, with sessions on the same log."""
    cluster, database = own_log
    with connect(cluster, database) as primary:
        seal(primary)
        write(primary, 1)
        with copy_of(cluster, is_standby=True) as copy:
            copy.start()
            with connect(copy, database) as standby:
                has_caught_up(primary, standby)
                yield Pair(cluster, copy, database, primary, standby)


class Pair:
    """Two servers and a session on each."""

    def __init__(self, cluster, copy, database, primary, standby):
        """Hold what the fixture made."""
        self.cluster, self.copy, self.database = cluster, copy, database
        self.primary, self.standby = primary, standby

    def stop_standby(self):
        self.standby.close()
        self.copy.stop()

    def start_standby(self):
        self.copy.start()
        self.standby = connect(self.copy, self.database)

    def promote(self):
        """Lose the primary and let the standby take over."""
        self.primary.close()
        kill(self.cluster)
        self.standby.execute("select pg_promote()")
        return self.standby


def write(db, key):
    db.execute("insert into app.item values (%s, 'a'), (%s, 'b')", [key * 10, key * 10 + 1])
    db.execute("update app.item set price = 1 where id = %s", [key * 10])
    return seal(db)


def test_a_standby_finds_what_its_primary_finds(pair):
    assert agreed(pair.standby) == []
    edit(pair.primary, 11)
    has_caught_up(pair.primary, pair.standby)
    found = agreed(pair.standby)
    assert [finding.kind for finding in found] == ["row_altered"]
    assert found == agreed(pair.primary)


def test_a_standby_checks_and_reconciles_as_its_primary_does(pair):
    assert unreconciled(pair.standby) == []
    assert pair.standby.execute("select * from check_audit()").fetchall() == []
    pair.primary.execute("alter table app.item disable trigger all")
    pair.primary.execute("update app.item set price = 7 where id = 10")
    has_caught_up(pair.primary, pair.standby)
    assert ("row_differs", "10") in unreconciled(pair.standby)
    kinds = pair.standby.execute("select distinct kind from check_audit()").fetchall()
    assert kinds == [("trigger_disabled",)]


def test_the_command_verifies_a_standby_against_its_primary_s_anchors(pair, monkeypatch, tmp_path):
    (tmp_path / "log.jsonl").write_text(json.dumps(anchor_of(pair.primary)) + "\n")
    monkeypatch.setenv("DATABASE_URL", pair.copy.url(pair.database))
    for words in ([], ["--independent"]):
        assert main(["audit", "verify", "--anchors", str(tmp_path), *words]) == 0


def test_a_seal_that_synchronous_standbys_lack_is_not_anchored(pair, tmp_path):
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:3]:
        parent.chmod(0o755)
    primary = pair.primary
    primary.execute("select change_setting('audit_anchor_dir', %s)", [str(tmp_path)])
    primary.execute("select change_setting('audit_anchor_seconds_max', '1')")
    primary.execute("alter system set synchronous_standby_names = 'FIRST 1 (copy)'")
    primary.execute("select pg_reload_conf()")
    state = "select sync_state from pg_stat_replication where application_name = 'copy'"
    wait_until(lambda: primary.execute(state).fetchone() == ("sync",), SECONDS_MAX)
    replicated = write(primary, 2)
    primary.execute("select anchor_audit()")
    pair.stop_standby()
    # The seal becomes visible here because its session gives up waiting for the standby.
    with connect(pair.cluster, pair.database) as hasty:
        hasty.execute("set synchronous_commit = local")
        hasty.execute("insert into app.item values (30)")
        waiting = "select wait_event = 'SyncRep' from pg_stat_activity where pid = %s"
        with psycopg.connect(hasty.info.dsn, autocommit=True) as sealer:
            cancel_when(
                lambda: hasty.execute(waiting, [sealer.info.backend_pid]).fetchone()[0],
                hasty,
                sealer,
            )
        assert hasty.execute("select max(seal_id) from seals").fetchone() == (replicated + 1,)
        hasty.execute("select anchor_audit()")
        assert anchored(tmp_path)[-1] == replicated
        open_scopes = "select scope from open_incidents where source = 'audit-anchor'"
        assert hasty.execute(open_scopes).fetchall() == [("standby",)]
        pair.start_standby()
        wait_until(lambda: hasty.execute(state).fetchone() == ("sync",), SECONDS_MAX)
        hasty.execute("select anchor_audit()")
        assert anchored(tmp_path)[-1] == replicated + 1
        assert hasty.execute(open_scopes).fetchall() == []


def cancel_when(is_waiting, watcher, session):
    """Seal in one session, and cancel it from another once it waits."""
    import threading

    thread = threading.Thread(target=lambda: session.execute("select plumb.seal_audit()"))
    thread.start()
    wait_until(is_waiting, SECONDS_MAX)
    watcher.execute("select pg_cancel_backend(%s)", [session.info.backend_pid])
    thread.join()


def anchored(place):
    lines = [line for file in place.glob("*.jsonl") for line in file.read_text().splitlines()]
    return [json.loads(line)["sealId"] for line in lines]


def test_a_promoted_standby_opens_a_new_incarnation_and_goes_on(pair):
    before = anchor_of(pair.primary)
    unsealed = "insert into app.item values (50)"
    pair.primary.execute(unsealed)
    has_caught_up(pair.primary, pair.standby)
    promoted = pair.promote()
    assert agreed(promoted) == []
    opening = write(promoted, 6)
    last = write(promoted, 7)
    assert agreed(promoted) == []
    assert held_to(promoted, before, anchor_of(promoted)) == []
    assert unreconciled(promoted) == []
    origins = dict(
        promoted.execute(
            "select seal_id, array[origin, is_opening::text] from seals where seal_id >= %s",
            [opening - 1],
        ).fetchall()
    )
    system, timeline = before["origin"].rsplit("/", 1)
    new_origin = f"{system}/{int(timeline) + 1}"
    assert origins == {
        opening - 1: [before["origin"], "false"],
        opening: [new_origin, "true"],
        last: [new_origin, "false"],
    }


def test_a_transaction_prepared_long_before_a_promotion_is_sealed_when_it_commits(pair):
    with connect(pair.cluster, pair.database) as session:
        session.execute("begin")
        session.execute("insert into app.item values (500)")
        session.execute("prepare transaction 'survives'")
    for key in (2, 3, 4):
        write(pair.primary, key)
    has_caught_up(pair.primary, pair.standby)
    promoted = pair.promote()
    write(promoted, 5)
    write(promoted, 6)
    promoted.execute("commit prepared 'survives'")
    sealed = seal(promoted)
    assert promoted.execute(
        "select seal_id from audit_log where record_key = '500'"
    ).fetchall() == [(sealed,)]
    assert agreed(promoted) == []
    assert agreed(promoted, sealed) == []
    assert unreconciled(promoted) == []


def test_what_the_old_primary_sealed_and_the_promoted_one_never_had_is_missing(pair):
    kept = anchor_of(pair.primary)
    pair.stop_standby()
    lost = []
    for key in (3, 4):
        write(pair.primary, key)
        lost.append(anchor_of(pair.primary))
    first_lost = lost[0]["sealId"]
    pair.primary.close()
    kill(pair.cluster)
    pair.start_standby()
    promoted = pair.standby
    promoted.execute("select pg_promote()")
    assert agreed(promoted) == []
    assert held_to(promoted, kept, *lost) == [
        ("anchored_seal_missing", first_lost),
        ("anchored_seal_missing", first_lost + 1),
    ]
    assert write(promoted, 5) == first_lost
    assert agreed(promoted) == []
    assert held_to(promoted, kept, *lost) == [
        ("anchored_seal_altered", first_lost),
        ("anchored_seal_missing", first_lost + 1),
    ]
    pair.cluster.start()
    with connect(pair.cluster, pair.database) as old_primary:
        write(old_primary, 6)
        assert agreed(old_primary) == []
        assert held_to(old_primary, kept, *lost) == []
        assert held_to(promoted, anchor_of(old_primary)) != []
