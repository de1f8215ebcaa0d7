"""What `./plumb psql` does before it becomes psql."""

import os
import subprocess
import sys

import pytest
from plumbline.core.guide_path import put_guide_on_path


@pytest.fixture
def psql(db, home, plain_url):
    db.execute(f"alter database {db.info.dbname} reset search_path")
    put_guide_on_path(db, is_wanted=True)

    def run(statement: str, **variables: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "plumbline.cli", "psql", "-XAtc", statement],
            env=os.environ | {"DATABASE_URL": plain_url, "PLUMB_HOME": str(home)} | variables,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )

    return run


def test_a_table_in_front_takes_no_secret_of_an_operator(db, psql):
    db.execute("create table public.system_mode (id integer, override_token text)")
    db.execute("insert into public.system_mode values (1, null)")

    done = psql("update system_mode set override_token = 'secret' where id = 1")

    assert done.stdout == "UPDATE 1\n"
    assert "public.system_mode: hidden in this session" in done.stderr
    assert db.execute("select override_token from public.system_mode").fetchall() == [(None,)]
    assert db.execute("select override_token from plumb.system_mode").fetchone() != (None,)


def test_without_one_the_path_stays_as_the_database_has_it(psql):
    done = psql("show search_path")

    assert (done.stdout, done.stderr) == ('"$user", public, plumb_guide\n', "")


def test_what_the_environment_asks_for_stays(db, psql):
    db.execute("create view public.incidents as select 'all is well' as title")

    done = psql("show work_mem; show search_path", PGOPTIONS="-c work_mem=5MB")

    assert done.stdout == '5MB\nplumb_guide, "$user", public, plumb_guide\n'
