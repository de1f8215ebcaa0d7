"""A restored copy verifies, shows that it is one, and cannot hide what it lost."""

import contextlib
from pathlib import Path

import pytest
from plumbline.core.migrate import migrate
from plumbline.core.programs import MAJOR_MIN

from .clusters import (
    agreed,
    anchor_of,
    connect,
    copy_of,
    held_to,
    kill,
    new_server,
    run,
    unreconciled,
)
from .conftest import create_tables, seal
from .test_anchors import place  # noqa: F401

INSTALLED = sorted(
    int(path.parts[-3])
    for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if path.parts[-3].isdigit() and int(path.parts[-3]) >= MAJOR_MIN
)
# What holds the log and what is known about it; two of them stand for their partitions.
LOG_TABLES = (
    "audit_rows",
    "audit_transactions",
    "audit_blocks",
    "audit_intake",
    "audit_captured",
    "seals",
    "audit_retentions",
    "audit_reconciliations",
    "audit_verification",
    "audit_anchors",
)
OPEN_KEY, LOST_KEY = 900, 800


def write(db, key):
    db.execute("insert into app.item values (%s, 'a'), (%s, 'b')", [key * 10, key * 10 + 1])
    db.execute("update app.item set price = 1, id = -id where id = %s", [key * 10])
    db.execute("insert into app.pair values (%s, 'x', 'é'), (%s, 'y', null)", [key, key])
    db.execute("insert into app.part values (%s, 'eu', 'v'), (%s, 'us', 'w')", [key, key])
    db.execute("delete from app.part where id = %s and region = 'eu'", [key])


class Dumped:
    """A log of which a dump was made, and what became of it afterwards."""

    def __init__(self, cluster, database, path):
        """Name what there will be; `make` makes it."""
        self.cluster, self.database, self.path = cluster, database, path
        self.kept = self.lost = None

    def make(self):
        """Dump while a transaction is unsealed and another is open, then go on."""
        with connect(self.cluster, self.database) as db, self._another() as other:
            # Transaction numbers far above those that a new server begins with.
            db.execute(
                "do $$ begin for i in 1 .. 5000 loop"
                " perform pg_current_xact_id(); commit; end loop; end; $$"
            )
            write(db, 1)
            seal(db)
            self.kept = anchor_of(db)
            write(db, 2)
            with other.transaction():
                other.execute("insert into app.item values (%s)", [OPEN_KEY])
                source = self.cluster.url(self.database)
                run(self.cluster.programs / "pg_dump", "-Fc", "-f", self.path, source)
            db.execute("insert into app.item values (%s)", [LOST_KEY])
            seal(db)
            self.lost = anchor_of(db)
            assert agreed(db) == []

    def _another(self):
        return connect(self.cluster, self.database)

    def restore(self, target, database, *options):
        program = target.programs / "pg_restore"
        run(program, "--exit-on-error", *options, "--dbname", target.url(database), self.path)


@pytest.fixture
def dumped(own_log):
    cluster, database = own_log
    # Where the server's account may write and every server's may read.
    dumped = Dumped(cluster, database, cluster.data.parent / f"{database}.dump")
    dumped.make()
    yield dumped
    dumped.path.unlink()


@pytest.fixture
def fresh(own_server):
    """Yield a function that creates an empty database of this test's own."""
    created = []

    def create(name, template="template0"):
        with connect(own_server, "postgres") as session:
            session.execute(f"create database {name} template {template}")
        created.append(name)
        return name

    yield create
    with connect(own_server, "postgres") as session:
        for name in created:
            session.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def new_installation(own_server):
    """Return the name of a database that was migrated by itself: its log is another one."""
    name = "template_other"
    own_server.start()
    own_server.ensure_database(name)
    migrate(own_server.url(name), report=lambda _line: None, demo_schema="retail")
    with connect(own_server, name) as db:
        create_tables(db)
    return name


def openings(db):
    return [s for (s,) in db.execute("select seal_id from seals where is_opening order by 1 desc")]


def keys(db):
    return {key for (key,) in db.execute("select id from app.item where id in (800, 900)")}


def continues_as_evidence(db, dumped):
    """Show all that a restored copy owes: truth, a new incarnation, and the name of the loss."""
    assert agreed(db) == []
    assert held_to(db, dumped.kept) == []
    assert held_to(db, dumped.lost) == [("anchored_seal_missing", dumped.lost["sealId"])]
    opening = seal(db)
    assert openings(db)[0] == opening == dumped.kept["sealId"] + 1
    assert agreed(db) == []
    write(db, 3)
    seal(db)
    assert agreed(db) == []
    assert unreconciled(db) == []
    assert held_to(db, dumped.kept, dumped.lost) == [
        ("anchored_seal_altered", dumped.lost["sealId"])
    ]


def test_a_database_restored_beside_the_old_one(dumped, fresh):
    name = fresh("whole")
    dumped.restore(dumped.cluster, name)
    with connect(dumped.cluster, name) as db:
        assert db.execute("select * from check_audit()").fetchall() == []
        assert keys(db) == set()
        continues_as_evidence(db, dumped)


def test_a_restore_that_recreates_the_triggers_first_is_the_same(dumped, fresh):
    name = fresh("sections")
    for section in ("pre-data", "data", "post-data"):
        dumped.restore(dumped.cluster, name, f"--section={section}")
    with connect(dumped.cluster, name) as db:
        continues_as_evidence(db, dumped)


def restored_elsewhere(dumped, server):
    """Restore into a new server as one does: its roles first, then the database."""
    roles = server.home / "roles.sql"
    run(
        server.programs / "pg_dumpall",
        *("--roles-only", "--no-role-passwords", "--file", roles),
        *("--dbname", dumped.cluster.url("postgres")),
    )
    # The superuser exists in both, which is the one complaint.
    run(server.programs / "psql", "--quiet", "--file", roles, server.url("postgres"))
    server.ensure_database("log")
    dumped.restore(server, "log")


def test_a_new_server_whose_transaction_numbers_begin_anew(dumped):
    with new_server(dumped.cluster, INSTALLED[-1]) as server:
        restored_elsewhere(dumped, server)
        with connect(server, "log") as db:
            continues_as_evidence(db, dumped)
            # What the copy brought along unsealed has numbers that are yet to come here.
            assert db.execute(
                "select count(*) > 0 from audit_blocks where txid > pg_current_xact_id()"
                " and seal_id = (select max(seal_id) from seals where is_opening)"
            ).fetchone() == (True,)


needs_two_majors = pytest.mark.skipif(
    len(INSTALLED) < 2, reason=f"only one major version is installed: {INSTALLED}"
)


@pytest.fixture
def majors(own_server):
    """Yield a server of the oldest version with a log, and an empty one of the newest."""
    with contextlib.ExitStack() as stack:
        old = stack.enter_context(new_server(own_server, INSTALLED[0]))
        new = stack.enter_context(new_server(own_server, INSTALLED[-1]))
        old.ensure_database("log")
        migrate(old.url("log"), report=lambda _line: None, demo_schema="retail")
        with connect(old, "log") as db:
            create_tables(db)
        yield old, new


@needs_two_majors
def test_a_server_of_another_major_version(majors):
    old, new = majors
    dumped = Dumped(old, "log", old.home / "log.dump")
    dumped.make()
    restored_elsewhere(dumped, new)
    migrate(new.url("log"), report=lambda _line: None, demo_schema="retail")
    with connect(new, "log") as db:
        assert db.execute("select * from check_audit()").fetchall() == []
        continues_as_evidence(db, dumped)


@needs_two_majors
def test_a_server_upgraded_in_place_opens_a_new_incarnation_and_loses_nothing(majors):
    old, new = majors
    with connect(old, "log") as db:
        query = "select count(*) from pg_attribute where attoptions::text like '%pg_attver%'"
        if db.execute(query).fetchone() != (0,):
            pytest.skip("this build of the old server keeps column options no other one knows")
        write(db, 1)
        seal(db)
        kept = anchor_of(db)
        write(db, 2)
    old.stop()
    new.stop()
    run(
        *("env", "-C", new.home / "log", new.programs / "pg_upgrade", "--username", "postgres"),
        *("--old-bindir", old.programs, "--new-bindir", new.programs),
        *("--old-datadir", old.data, "--new-datadir", new.data),
        *("--socketdir", new.socket_directory, "--old-port", old.port, "--new-port", new.port),
    )
    new.start()
    with connect(new, "log") as db:
        assert agreed(db) == []
        assert seal(db) == openings(db)[0] == kept["sealId"] + 1
        write(db, 3)
        seal(db)
        assert agreed(db) == []
        assert unreconciled(db) == []
        assert held_to(db, kept) == []


def data_only(dumped, name, *options):
    """Restore the log's data, then the application's, as docs/audit.md tells to."""
    with connect(dumped.cluster, name) as db, db.transaction():
        db.execute("set local plumb.audit_dismantling = 'on purpose'")
        db.execute("truncate " + ", ".join(LOG_TABLES))
    listing = run(dumped.cluster.programs / "pg_restore", "--list", dumped.path)
    parts = {
        word
        for word in listing.split()
        if word.startswith(("audit_log_", "audit_blocks_")) and word.rpartition("_")[2].isdigit()
    }
    # What is written goes on in the order in which it was.
    parts.add("audit_intake_position_seq")
    tables = [f"--table={table}" for table in (*LOG_TABLES, *parts)]
    dumped.restore(dumped.cluster, name, "--data-only", "--schema=plumb", *tables)
    if not options:
        with connect(dumped.cluster, name) as db:
            db.execute("truncate app.item, app.pair, app.loose, app.part")
    dumped.restore(dumped.cluster, name, "--data-only", "--schema=app", *options)


def test_data_restored_into_a_new_installation_is_in_the_log_as_written_by_the_restore(
    dumped, fresh, new_installation
):
    name = fresh("data", new_installation)
    data_only(dumped, name)
    with connect(dumped.cluster, name) as db:
        restored = db.execute(
            "select distinct op from audit_log where app_user = 'pg_restore'"
        ).fetchall()
        assert restored == [("INSERT",)]
        continues_as_evidence(db, dumped)
        assert db.execute("select * from check_audit()").fetchall() == []


def test_data_restored_with_triggers_off_is_true_and_the_triggers_are_missed(
    dumped, fresh, new_installation
):
    name = fresh("quiet", new_installation)
    data_only(dumped, name, "--disable-triggers")
    with connect(dumped.cluster, name) as db:
        # pg_restore switches them on again for ordinary sessions only.
        kinds = "select distinct kind from check_audit()"
        assert db.execute(kinds).fetchall() == [("trigger_disabled",)]
        for (relation,) in db.execute("select relation from audited_tables").fetchall():
            db.execute("select audit_table(%s::regclass)", [relation])
        assert db.execute(kinds).fetchall() == []
        continues_as_evidence(db, dumped)


def test_tables_restored_beside_the_log_are_found(dumped, fresh, new_installation):
    name = fresh("beside", new_installation)
    dumped.restore(dumped.cluster, name, "--data-only", "--schema=app", "--disable-triggers")
    with connect(dumped.cluster, name) as db:
        assert agreed(db) == []
        assert ("row_unlogged", "11") in unreconciled(db)
        assert held_to(db, dumped.kept) == [("anchor_of_other_log", dumped.kept["sealId"])]


@contextlib.contextmanager
def old_backup_in_place(own_log, has_recovered):
    """Yield a log that an old copy of its files replaced, and the anchors from before and after."""
    cluster, database = own_log
    with contextlib.ExitStack() as stack:
        with connect(cluster, database) as db:
            write(db, 1)
            seal(db)
            kept = anchor_of(db)
            copy = stack.enter_context(copy_of(cluster, restore_command="false"))
            lost = []
            for key in (2, 3):
                write(db, key)
                seal(db)
                lost.append(anchor_of(db))
        kill(cluster)
        if has_recovered:
            run("touch", copy.data / "recovery.signal")
        copy.start()
        with connect(copy, database) as db:
            yield db, kept, lost


@pytest.mark.parametrize("has_recovered", [False, True])
def test_an_old_backup_continued_in_place_is_found_at_the_seal_where_it_parts(
    own_log, has_recovered
):
    with old_backup_in_place(own_log, has_recovered) as (db, kept, lost):
        first = kept["sealId"] + 1
        assert agreed(db) == []
        assert held_to(db, kept, *lost) == [
            ("anchored_seal_missing", first),
            ("anchored_seal_missing", first + 1),
        ]
        for key in (4, 5, 6):
            write(db, key)
            seal(db)
        assert agreed(db) == []
        assert unreconciled(db) == []
        assert held_to(db, kept, *lost) == [
            ("anchored_seal_altered", first),
            ("anchored_seal_altered", first + 1),
        ]
        # Files put back as they were are no other server; a recovery is another timeline.
        assert (openings(db)[0] == first) == has_recovered


def test_the_job_finds_an_old_backup_in_place_by_the_anchors_it_reads_back(own_log, place):  # noqa: F811
    cluster, database = own_log
    with connect(cluster, database) as db:
        db.execute("select change_setting('audit_anchor_dir', %s)", [str(place)])
        write(db, 1)
        seal(db)
        with copy_of(cluster) as copy:
            write(db, 2)
            seal(db)
            for _ in range(2):
                db.execute("select anchor_audit()")
            assert anchor_incidents(db) == []
            kill(cluster)
            copy.start()
            with connect(copy, database) as old:
                old.execute("select anchor_audit()")
                (incident,) = anchor_incidents(old)
                lost = old.execute("select max(seal_id) + 1 from seals").fetchone()[0]
                assert incident == ("P1", f"anchored_seal_missing: seal {lost}")


def anchor_incidents(db):
    return db.execute(
        "select i.priority, i.description from open_incidents as o"
        " inner join incidents as i using (incident_id)"
        " where o.source = 'audit' and o.scope = 'anchors'"
    ).fetchall()


def test_a_history_rewritten_to_the_same_count_is_found_at_the_seal_where_it_parts(own_log):
    with old_backup_in_place(own_log, has_recovered=False) as (db, kept, lost):
        for key in (2, 3):
            write(db, key)
            seal(db)
        assert agreed(db) == []
        assert min(s for _kind, s in held_to(db, kept, *lost)) == lost[0]["sealId"]
