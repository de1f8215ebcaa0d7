"""An installation as an earlier version made it, in use, and code that its table owner attaches."""

import subprocess
import threading
import time
from pathlib import Path

import psycopg

EARLIER = "99e1079"
INSTALL = """
import sys
from plumbline.cli.demo import load_shop
from plumbline.cli.migrate import migrate
migrate(sys.argv[1])
load_shop(sys.argv[1])
"""
# As the first version was used: jobs that ran, an audited and a guarded table of the application,
# an incident, and values of settings which are refused today.
USE = """
create role app_owner login;
create role nobody_in login;
create schema app authorization app_owner;
set role app_owner;
create table app.item (id integer primary key, v text);
insert into app.item select i, 'v' || i from generate_series(1, 20) as i;
create table app.part (id integer) partition by range (id);
create table app.part1 partition of app.part for values from (0) to (10);
insert into app.part values (1);
create table app.full_part (id integer);
insert into app.full_part values (11);
create view app.wrong as select id as subject, v from app.item where v = 'wrong';
reset role;
select plumb.audit_table('app.item');
select plumb.guard_table('app.item'), plumb.guard_table('app.part');
grant usage on schema app to plumb_owner;
grant select on app.item, app.wrong to plumb_owner;
select plumb.declare_invariant('APP_ITEMS', 'app.wrong', 'P3', 'Nothing is wrong.');
update app.item set v = 'w' where id = 3;
select plumb.engage_safe_mode('a test', 'ops');
update plumb.system_mode set override_token = 's3cret' where id = 1;
select plumb.disengage_safe_mode('s3cret', 'ops');
"""
# The earlier version kept the state of a transaction's chain in a setting of the writer's session.
FORGE = """
begin;
update app.item set v = 'a' where id = 7;
select set_config(
    'plumb.audit_state',
    format(
        '%s %s 5000 %s x', split_part(s, ' ', 1), split_part(s, ' ', 2), repeat('ab', 32)
    ),
    true
)
from current_setting('plumb.audit_state', true) as s;
update app.item set v = 'b' where id = 7;
commit;
"""
BLIND = {
    "violation_rows_max": "0",
    "history_retention_days": "-1000",
    "flap_window_seconds": "-1",
    "health_cap_score": "-5",
    "prune_rows_max": "-1",
    # Each incident that the upgrade opens reads it.
    "snapshot_rows_max": "-1",
    "audit_anchor_url": "file:///etc/hostname",
    "override_lock_seconds_max": "0",
}
# The owner of a table attaches code that raises its owner when somebody else runs it.
ATTACK = """
create function app.rise() returns void language plpgsql as $$ begin
    raise notice 'ran as %%', current_user;
    if current_user <> 'app_owner' then
        begin
            execute 'alter role app_owner superuser';
        exception when others then raise notice 'refused: %%', sqlerrm;
        end;
        begin
            execute 'grant plumb_owner to app_owner';
        exception when others then raise notice 'refused: %%', sqlerrm;
        end;
        begin
            execute $q$copy (select 1) to program 'echo x > {file}'$q$;
        exception when others then raise notice 'refused: %%', sqlerrm;
        end;
    end if;
end $$;
create function app.f(integer) returns integer language plpgsql immutable as
$$ begin perform app.rise(); return $1; end $$;
create function app.is_fine(integer) returns boolean language plpgsql immutable as
$$ begin perform app.rise(); return true; end $$;
create index on app.item ((id + app.f(1)));
create domain app.checked as integer check (app.is_fine(value));
create table app.loaded (
    id integer check (app.is_fine(id)),
    d app.checked,
    g integer generated always as (app.f(id)) stored
);
create index on app.loaded ((id + app.f(1)));
insert into app.loaded values (1, 1);
"""


class Traffic(threading.Thread):
    """One client of the shop that buys, and counts what was committed and what failed."""

    def __init__(self, url):
        """Get ready to connect to the shop."""
        super().__init__(daemon=True)
        self.url = url
        self.is_over = threading.Event()
        self.committed = 0
        self.failures = []
        self.longest_seconds = 0.0

    def end(self):
        """Let it finish what it does, and wait for that."""
        self.is_over.set()
        self.join(timeout=30)

    def run(self):
        with psycopg.connect(self.url, autocommit=True) as session:
            while not self.is_over.wait(0.05):
                started = time.monotonic()
                try:
                    with session.transaction():
                        session.execute("select count(*) from retail.sales as s")
                        session.execute("select count(*) from retail.stock_ledger as l")
                        session.execute(
                            "insert into retail.stock_ledger (product_id, delta, reason)"
                            " values (1, 1, 'DELIVERY')"
                        )
                        session.execute("update app.item set v = 'w' || id where id = 4")
                    self.committed += 1
                except psycopg.Error as error:
                    self.failures.append(str(error))
                self.longest_seconds = max(self.longest_seconds, time.monotonic() - started)


class Repeated(Traffic):
    """Repeats statements, each in a session of its own, and counts what ended and what failed."""

    def __init__(self, url, statements):
        """Get ready to connect."""
        super().__init__(url)
        self.statements = statements

    def run(self):
        while not self.is_over.is_set():
            for statement in self.statements:
                if self.is_over.wait(0.02):
                    return
                try:
                    with psycopg.connect(self.url, autocommit=True) as session:
                        session.execute(statement)
                    self.committed += 1
                except psycopg.Error as error:
                    self.failures.append(f"{statement}: {error.sqlstate} {error}")


def unpack(directory):
    """Make a directory with the files of the earlier version; returns whether git knows them."""
    archive = subprocess.run(
        ["git", "-C", Path(__file__).parents[2], "archive", EARLIER],
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        return False
    directory.mkdir()
    subprocess.run(["tar", "--extract", "--directory", directory], input=archive.stdout, check=True)
    return True


# Ways in which the owner of a guarded table got round safe mode.
ROUNDABOUT = {
    "rename and drop the trigger": "alter trigger plumb_safe_mode on app.item rename to zz;"
    " drop trigger zz on app.item; update app.item set v = 'x'",
    "replace the trigger": "create function app.noop() returns trigger language plpgsql as"
    " 'begin return new; end'; create or replace trigger plumb_safe_mode before insert on app.item"
    " for each statement execute function app.noop(); update app.item set v = 'x'",
    "disable the trigger": "alter table app.item disable trigger plumb_safe_mode;"
    " update app.item set v = 'x'",
    "detach a partition": "alter table app.part detach partition app.part1",
    "attach a filled table": "alter table app.part attach partition app.full_part"
    " for values from (10) to (20)",
    "rewrite a column": "alter table app.item alter v type varchar(20) using 'FORGED'",
    "drop a column": "alter table app.item drop column v",
    "rename the table": "alter table app.item rename to other;"
    " alter table app.other alter v type varchar(20) using 'FORGED'",
    "write": "update app.item set v = 'x'",
}
