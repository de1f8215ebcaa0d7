"""The demo shop: loads it, runs its traffic, and breaks and repairs its invariants on purpose.

The breaks and repairs are SQL functions in cli/demo/shop/, in a schema `demo` of their own; what
was broken is remembered there, so that it can be repaired after any restart.
"""

import argparse
import os
import secrets
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import psycopg
from psycopg import sql

from ...core.demo_schema import WRITTEN_FOR, in_schema
from ...core.errors import PlumbError
from ...core.explain import first_line
from ...core.rows import fetch_row, fetch_value
from ...core.session import open_session
from ...core.statements import statement

Report = Callable[[str], None]

INVARIANTS = (
    "NO_NEGATIVE_STOCK",
    "SALE_TOTAL_MATCHES_LINE_ITEMS",
    "PAYMENT_SUM_MATCHES_SALE_TOTAL",
    "NO_DUPLICATE_INVOICES",
    "STOCK_MOVEMENT_BALANCE",
    "CREDIT_LIMIT_NOT_EXCEEDED",
    "NO_ORPHANED_SALE_ITEMS",
)
LINE_WIDTH = 96
CLIENTS_MAX = 32
RATE_MAX = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--rate", type=_number(RATE_MAX), default=20, metavar="N", help="transactions a second (20)"
    )
    parser.add_argument(
        "--seconds", type=_number(86400), metavar="N", help="how long; until Ctrl-C when absent"
    )
    parser.add_argument(
        "--clients", type=_number(CLIENTS_MAX), default=4, metavar="N", help="sessions (4)"
    )
    parser.add_argument(
        "--schema", default=WRITTEN_FOR, metavar="NAME", help=f"where to install it ({WRITTEN_FOR})"
    )
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--install", action="store_true", help="install and load the shop in a guarded database"
    )
    # `break` is a word of Python's own, hence the other destination.
    either.add_argument(
        "--break",
        dest="break_name",
        nargs="?",
        const="",
        metavar="INVARIANT",
        help="break a rule; the beginning of its name will do",
    )
    either.add_argument(
        "--repair", nargs="?", const="", metavar="INVARIANT", help="repair what --break broke"
    )
    either.add_argument(
        "--screenshots",
        type=Path,
        metavar="DIR",
        help="write pictures of the status page to DIR, with a rule broken for them",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run traffic, or break or repair an invariant.

    Args:
        arguments: The parsed command line.

    Returns:
        0 when done, also when Ctrl-C ended the traffic.

    Raises:
        PlumbError: There is no demo shop here, the name is unknown, or safe mode refuses.
    """
    from ...core.target import database_url

    url = database_url()
    if arguments.install:
        install(url, arguments.schema)
    elif arguments.break_name is not None:
        break_invariant(url, _known(arguments.break_name))
    elif arguments.screenshots is not None:
        show_broken(url, arguments.screenshots)
    elif arguments.repair is not None:
        repair(url, _known(arguments.repair) if arguments.repair else None)
    else:
        from .traffic import run_traffic

        with _connect(url) as connection:
            _require_shop(connection)
        run_traffic(url, arguments.clients, arguments.rate, arguments.seconds)
    return 0


def install(url: str, schema: str, report: Report = print) -> None:
    """Bring the shop, its invariants and its data into a database that is guarded already.

    Args:
        url: A libpq URL, as a superuser.
        schema: Where the shop is put.
        report: Receives each line.

    Raises:
        PlumbError: The schema is in use, or the shop is there already in another one.
    """
    from ...core.migrate import migrate

    with _connect(url) as connection:
        if not fetch_value(connection, "select to_regclass('plumb.invariants') is not null"):
            raise PlumbError("this database is not guarded yet", "Run ./plumb up first.")
    migrate(url, report=report, demo_schema=schema)
    loaded = load_shop(url)
    report(f"shop in schema {schema}: {loaded or 'loaded already'}")


def show_broken(url: str, folder: Path, report: Report = print) -> None:
    """Write pictures of the pages while a rule is broken, and repair it.

    Args:
        url: A libpq URL of the demo's database, as a superuser.
        folder: Where the files go.
        report: Receives each line.

    Raises:
        PlumbError: There is no demo shop, no browser or no service.
    """
    from .screenshots import running_site, take_screenshots

    site, broken = running_site(), "NO_NEGATIVE_STOCK"
    break_invariant(url, broken, report=lambda _line: None)
    try:
        with open_session(url, "plumb demo", autocommit=True) as connection:
            connection.execute("select plumb.seal_audit()")
            connection.execute("select plumb.check_invariants()")
            connection.execute("select plumb.score_health()")
        take_screenshots(url, site, folder, report)
    finally:
        repair(url, broken, report=lambda _line: None)
        with open_session(url, "plumb demo", autocommit=True) as connection:
            connection.execute("select plumb.check_invariants()")


def load_shop(url: str) -> str | None:
    """Fill an empty shop with customers, products, deliveries and historic sales.

    Args:
        url: A libpq URL of the migrated database, as the owner of the database or a superuser.

    Returns:
        What was loaded, in words, or None when the shop had data, which is left alone.
    """
    with _connect(url) as connection:
        _install(connection)
        loaded: str | None = fetch_value(connection, "select demo.load_shop()")
    if loaded:
        # The planner has never seen these tables full.
        with open_session(url, "plumb", autocommit=True) as connection:
            for (relation,) in connection.execute("select relation from plumb.guarded_tables"):
                connection.execute(
                    sql.SQL("analyze {}").format(sql.Identifier(*relation.split(".", 1)))
                )
    return loaded


def break_invariant(url: str, invariant: str, report: Report = print) -> None:
    """Break a rule the way it really happens, and say what to watch.

    Args:
        url: A libpq URL of the demo's database, as a superuser.
        invariant: One of `INVARIANTS`.
        report: Receives each line.

    Raises:
        PlumbError: There is no demo shop, or safe mode refuses the write.
    """
    with _connect(url) as connection:
        _require_shop(connection)
        broken = connection.execute(
            sql.SQL("select story, memo::text from demo.{}()").format(
                sql.Identifier(f"break_{invariant.lower()}")
            )
        ).fetchone()
        if broken is None:
            raise PlumbError(
                f"the shop has nothing with which {invariant} could be broken",
                "Let ./plumb demo run for a while.",
            )
        connection.execute("set local session_replication_role = origin")
        connection.execute(
            "insert into demo.breakages (invariant, story, memo) values (%s, %s, %s)",
            [invariant, *broken],
        )
        priority, heals_itself = fetch_row(
            connection,
            "select priority, auto_correct is not null from plumb.invariants where name = %s",
            [invariant],
        )
        next_run_at, is_stale = fetch_row(
            connection,
            "select next_run_at, is_stale from plumb.cron_status where job_name = 'invariant'",
        )
    report(f"Broke {invariant} ({priority}).")
    report(textwrap.indent(textwrap.fill(broken[0], LINE_WIDTH), "  "))
    report("")
    report(f"Plumbline {_when(next_run_at, is_stale)}. To check now instead:")
    for command, meaning in _watch_list():
        report(f"  {command:<66} {meaning}")
    report("")
    if heals_itself:
        report(
            "This one repairs itself: the check that finds it also moves the rows to quarantine,"
        )
        report("plumb.quarantined_rows, and its incident opens and resolves in one step.")
    report(f"To repair it: ./plumb demo --repair {invariant}")


def repair(url: str, invariant: str | None = None, report: Report = print) -> None:
    """Repair what `break_invariant` broke and has not been repaired yet.

    Safe mode that engaged by itself is released first, because the repair needs writes; safe
    mode that a person engaged is respected.

    Args:
        url: A libpq URL of the demo's database, as a superuser.
        invariant: One of `INVARIANTS`; all of them when absent.
        report: Receives each line.

    Raises:
        PlumbError: There is no demo shop, or a person engaged safe mode.
    """
    find = statement(__package__, "open_breakages")
    with _connect(url) as connection:
        _require_shop(connection)
        if not connection.execute(find, [invariant]).fetchall():
            report(f"Nothing that ./plumb demo broke is left to repair{_of(invariant)}.")
            return
        _release_safe_mode(connection, report)
    repaired = []
    with _connect(url) as connection:
        # A repair may hit what a later break changed again: the newest is undone first.
        for breakage_id, name, memo in connection.execute(find, [invariant]).fetchall():
            said = connection.execute(
                sql.SQL("select demo.{}(%s)").format(sql.Identifier(f"repair_{name.lower()}")),
                [memo],
            ).fetchone()
            connection.execute(
                "update demo.breakages set repaired_at = now() where breakage_id = %s",
                [breakage_id],
            )
            repaired.append((name, said[0] if said else None))
    for name, said in repaired:
        report(f"Repaired {name}.")
        report(f"  {said or 'What was broken is gone already.'}")
    report("")
    report("./plumb verify checks at once; the incident resolves with the next check.")


def _number(maximum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdigit() or not 1 <= int(text) <= maximum:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 to {maximum}")
        return int(text)

    return parse


def _known(name: str) -> str:
    """Return the invariant that a name, or its beginning, means; letters may be small."""
    start = name.upper().replace("-", "_")
    meant = [known for known in INVARIANTS if start and known.startswith(start)]
    if start in meant or len(meant) == 1:
        return start if start in meant else meant[0]
    wrong = f"there is no invariant '{name}'" if name else "which invariant?"
    if meant:
        wrong = f"'{name}' is the beginning of several invariants"
    raise PlumbError(wrong, f"One of {', '.join(meant or INVARIANTS)}.")


def _of(invariant: str | None) -> str:
    return f" of {invariant}" if invariant else ""


@contextmanager
def _connect(url: str) -> Iterator[psycopg.Connection]:
    """Open one transaction, and turn the errors that a user can repair into words."""
    try:
        with open_session(url, "plumb demo") as connection:
            yield connection
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise PlumbError(
            f"{error.diag.message_primary}",
            "./plumb demo --repair ends it if it engaged by itself over what the demo broke;"
            " otherwise see README, Safe mode.",
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise PlumbError(
            f"{error.diag.message_primary}",
            "Loading, breaking and repairing need a superuser: they switch triggers off.",
        ) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise PlumbError(
            f"{error.diag.message_primary}", "Run ./plumb up or ./plumb migrate first."
        ) from error
    except psycopg.OperationalError as error:
        raise PlumbError(first_line(error), "Is the database running? ./plumb status") from error
    except psycopg.Error as error:
        raise PlumbError(first_line(error), error.diag.message_hint or "") from error


def _install(connection: psycopg.Connection) -> None:
    # Two sessions that replace the same function at once would stumble over each other.
    connection.execute("select plumb.lock_section('demo', 60)")
    connection.execute("set local check_function_bodies = off")
    folder = Path(str(files("plumbline.cli.demo"))) / "shop"
    # The schema comes first, what lives in it in any order.
    shop = fetch_value(connection, "select plumb.demo_schema()")
    if not shop:
        raise PlumbError(
            "this database does not hold the demo shop", "./plumb demo --install installs it."
        )
    connection.execute((folder / "schema.sql").read_text(encoding="utf-8"))
    for path in sorted(folder.glob("*.sql")):
        if path.name != "schema.sql":
            connection.execute(in_schema(path.read_text(encoding="utf-8"), shop))


def _require_shop(connection: psycopg.Connection) -> None:
    """Refuse to touch a shop that is not the demo's: it may be a real business."""
    installed = fetch_value(connection, "select to_regclass('demo.shop') is not null")
    if not installed or not connection.execute("select 1 from demo.shop").fetchone():
        raise PlumbError(
            "this database does not hold the demo shop",
            "./plumb demo --install installs and loads it; any other shop is left alone.",
        )
    # The breaks are this version's, whatever version loaded the shop.
    _install(connection)


def _release_safe_mode(connection: psycopg.Connection, report: Report) -> None:
    mode, automatic, reason, enabled_by = fetch_row(
        connection, "select mode, is_automatic, reason, enabled_by from plumb.system_mode"
    )
    if mode != "safe":
        return
    if not automatic:
        raise PlumbError(
            f"safe mode is on, engaged by {enabled_by}: {reason}",
            "Repairing needs writes: disengage it first; see README, Safe mode.",
        )
    token = secrets.token_hex(16)
    connection.execute("update plumb.system_mode set override_token = %s where id = 1", [token])
    connection.execute("select plumb.disengage_safe_mode(%s, 'plumb demo')", [token])
    connection.commit()
    hold = fetch_value(connection, "select plumb.setting_number('safe_mode_hold_seconds')")
    report(
        f"Safe mode had engaged by itself ({reason}). Repairing needs writes: it was disengaged."
    )
    report(f"  It will not engage itself again for {int(hold) // 60} minutes.")


def _when(next_run_at: datetime | None, is_stale: bool) -> str:
    if next_run_at is None or is_stale:
        return "finds it at its next check"
    return f"finds it by itself at {next_run_at:%H:%M:%S %Z}"


def _watch_list() -> list[tuple[str, str]]:
    api = "http://127.0.0.1:" + _api_port()
    return [
        ("./plumb verify", "check now"),
        ('./plumb psql -c "select * from plumb.current_violations"', "what is wrong, in words"),
        ('./plumb psql -c "select * from plumb.open_incidents"', "what was raised"),
        ('./plumb psql -c "select * from plumb.health_explained"', "what it costs"),
        (f"curl -s {api}/incidents", "incidents over HTTP"),
        (f"curl -s {api}/system-health", "health over HTTP"),
    ]


def _api_port() -> str:
    return os.environ.get("PORT") or "3000"
