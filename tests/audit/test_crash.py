"""A server killed under load comes back with a true log, which has all that was acknowledged."""

import threading

import psycopg
import pytest
from waiting import wait_until

from .clusters import SECONDS_MAX, agreed, connect, kill
from .conftest import seal

WRITERS = 6
# What each writer has to have committed before the server is killed in the middle of the next.
COMMITS_MIN = 8
BULK_ROWS = 150


class Writer(threading.Thread):
    """Writes in one session until the server is gone, and notes outside what it was promised."""

    def __init__(self, cluster, database, number, round_number):
        """Name the keys it will write."""
        """Name the keys it will write."""
        super().__init__()
        self._open = lambda: connect(cluster, database, connect_timeout=10)
        self._number = number
        self._first_key = (round_number * WRITERS + number) * 10_000_000
        # The last writer does not wait for the disk: what it is told is no promise.
        self.waits_for_promises = number < WRITERS - 1
        self.acknowledged: list[int] = []
        self.withdrawn: list[int] = []
        self.commits = 0
        self.error: Exception | None = None

    def run(self):
        try:
            with self._open() as session:
                if not self.waits_for_promises:
                    session.execute("set synchronous_commit = off")
                while True:
                    self._write(session)
        except psycopg.OperationalError:
            return
        except Exception as error:
            self.error = error

    def _write(self, session):
        kind = (self.commits + self._number) % 4
        keys = self._key()
        session.execute("begin")
        if kind == 0:
            session.execute("insert into app.item values (%s, 'single')", [keys])
            made = [keys]
        else:
            made = list(range(keys, keys + BULK_ROWS))
            session.execute(
                "insert into app.item select i, 'bulk' from generate_series(%s::integer, %s) as i",
                [made[0], made[-1]],
            )
        if kind == 1:
            session.execute("savepoint s")
            session.execute("insert into app.item values (%s)", [keys + BULK_ROWS])
            session.execute("update app.item set name = 'gone' where id = %s", [keys])
            session.execute("rollback to s")
            self.withdrawn.append(keys + BULK_ROWS)
        if kind == 2:
            session.execute("update app.item set price = 1 where id = any(%s)", [made])
            session.execute("delete from app.item where id = %s", [made.pop()])
        if kind == 3:
            session.execute(f"prepare transaction 'crash-{keys}'")
            # From here on it is promised: whoever prepared it may commit it after the crash.
            session.execute(f"commit prepared 'crash-{keys}'")
        else:
            session.execute("commit")
        self.acknowledged += made
        self.commits += 1

    def _key(self):
        return self._first_key + (self.commits + 1) * 1000


class Sealer(threading.Thread):
    """Seals as fast as it can until the server is gone, and keeps the newest seal it was told."""

    def __init__(self, cluster, database):
        """Start with no seal known."""
        """Start with no seal known."""
        super().__init__()
        self._open = lambda: connect(cluster, database, connect_timeout=10)
        self.newest = 0
        self.error: Exception | None = None

    def run(self):
        try:
            with self._open() as session:
                while True:
                    self.newest = seal(session)
        except psycopg.OperationalError:
            return
        except Exception as error:
            self.error = error


def crash_under_load(cluster, database, round_number):
    """Kill a server while it writes and seals; returns what its clients noted, after recovery."""
    writers = [Writer(cluster, database, number, round_number) for number in range(WRITERS)]
    sealer = Sealer(cluster, database)
    threads = [*writers, sealer]
    for thread in threads:
        thread.start()
    wait_until(
        lambda: all(w.commits >= COMMITS_MIN or not w.is_alive() for w in writers), SECONDS_MAX
    )
    kill(cluster)
    for thread in threads:
        thread.join()
    assert [thread.error for thread in threads] == [None] * len(threads)
    assert min(writer.commits for writer in writers) >= COMMITS_MIN
    cluster.start()
    return writers, sealer.newest


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_a_killed_server_comes_back_with_every_promise_in_a_true_log(own_log, kills):
    cluster, database = own_log
    promised, withdrawn = [], []
    with connect(cluster, database) as db:
        seal(db)
        opened = newest_opening(db)
    for round_number in range(kills):
        writers, newest_told = crash_under_load(cluster, database, round_number)
        promised += [
            key for writer in writers if writer.waits_for_promises for key in writer.acknowledged
        ]
        withdrawn += [key for writer in writers for key in writer.withdrawn]
        with connect(cluster, database) as db:
            assert db.execute("select * from verify_audit()").fetchall() == []
            for (name,) in db.execute(
                "select gid from pg_prepared_xacts where database = current_database()"
            ).fetchall():
                db.execute(f"commit prepared '{name}'")
            assert seal(db) >= newest_told
            assert agreed(db) == []
            assert db.execute("select * from reconcile_audit('app.item')").fetchall() == []
            assert lost(db, promised, "select id from app.item") == []
            inserted = "select record_key::integer from audit_log where relation = 'app.item'"
            inserted += " and op = 'INSERT'"
            assert lost(db, promised, inserted) == []
            assert len(lost(db, withdrawn, inserted)) == len(withdrawn)
            assert newest_opening(db) == opened


def newest_opening(db):
    return db.execute("select max(seal_id) from seals where is_opening").fetchone()[0]


def lost(db, keys, query):
    """Return the keys that a query does not return."""
    return db.execute(f"select unnest(%s::integer[]) except ({query})", [keys]).fetchall()
