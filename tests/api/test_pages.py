"""A browser that opens the service sees at once whether the database is true, and what to do."""

import re
import shlex
from urllib.parse import quote

import pytest
from browser import BROWSER, Page, heading
from plumbline.cli.__main__ import main

LISTINGS = ("audit", "jobs", "checks", "security", "backups", "deployments", "reports", "settings")
PAGES = ["/", "/view/incidents", *(f"/view/{name}" for name in LISTINGS)]
PAGES += ["/view/records", "/view/invariants/NO_NEGATIVE_STOCK", "/view/deployments/1"]


@pytest.fixture
def broken(checked):
    """Return a database with one sale whose total is wrong."""
    checked.execute("insert into customers (customer_id, name) values (7, 'Ada <b>')")
    checked.execute(
        "insert into sales (sale_id, invoice_no, customer_id, total) values (42, 'I-42', 7, 25)"
    )
    checked.execute("select plumb.check_invariants()")
    return checked


@pytest.fixture
def busy(broken):
    """Return a database that holds a row of everything that a page shows."""
    broken.execute("select plumb.seal_audit()")
    broken.execute("select plumb.run_audit_check()")
    broken.execute("select plumb.create_executive_report()")
    broken.execute("select plumb.block_client('203.0.113.7', 'scanning')")
    broken.execute("select plumb.create_token('grace', 'read')")
    broken.execute("select plumb.check_deployment_gates('v1.4.2', 91.2)")
    broken.execute("select plumb.change_setting('report_list_rows_max', '10')")
    broken.execute(
        "insert into plumb.job_runs (job_name, started_at, finished_at, result, message)"
        " values ('seal', now(), now(), 'failed', 'no space')"
    )
    broken.execute(
        "insert into plumb.backups (backup_name, tool, status, taken_at, size_bytes, started_at,"
        " finished_at) values ('b-1', 'plumb', 'finished', now(), 123456, now(), now())"
    )
    broken.execute(
        "insert into plumb.backup_validations (backup_name, status, restore_seconds, tiers,"
        " started_at, finished_at) values ('b-1', 'valid', 12.5, '[{\"tier\": \"restored\","
        ' "status": "passed", "seconds": 3, "evidence": "7 tables"}]\', now(), now())'
    )
    return broken


def test_a_browser_gets_the_page_and_a_program_the_list(client):
    assert client.get("/", headers=BROWSER).content_type == "text/html; charset=utf-8"
    for accepted in ("*/*", "application/json", "", "application/json, text/html;q=0.5"):
        answer = client.get("/", headers={"Accept": accepted})
        assert answer.json["service"] == "plumbline"
        assert "Accept" in answer.headers["Vary"]
    assert client.get("/").json["service"] == "plumbline"


def test_the_list_names_no_page(client):
    paths = [endpoint["path"] for endpoint in client.get("/").json["endpoints"]]

    assert "/incidents" in paths
    assert [path for path in paths if path.startswith("/view")] == []


def test_the_biggest_words_say_that_all_is_true(checked, look):
    assert heading(look()) == "Every invariant holds"


def test_they_say_how_many_invariants_are_violated(broken, look):
    answer = look()

    assert heading(answer) == "2 invariants are violated, writes go on"
    text = answer.get_data(as_text=True)
    assert "sale 42 says 25.00 but its lines add up to 0" in text
    assert 'href="/view/incidents/' in text


def test_they_say_since_when_nothing_may_be_written(broken, look):
    broken.execute("select plumb.engage_safe_mode('a <i>test</i>', 'ops')")
    answer = look()

    assert re.fullmatch(r"Safe mode: no writes since \d\d:\d\d UTC", heading(answer))
    assert "2 invariants are violated" in answer.get_data(as_text=True)
    assert "a &lt;i&gt;test&lt;/i&gt;" in answer.get_data(as_text=True)


def test_a_silent_scheduler_is_not_shown_as_fine(checked, look):
    checked.execute("update plumb.job_runs set started_at = '2020-03-01 13:40+00'")
    checked.execute("update plumb.settings set updated_at = '2020-01-01'")
    answer = look()

    assert heading(answer) == "Cannot say: the scheduler is silent since 2020-03-01 13:40 UTC"
    assert 'class="truth unknown"' in answer.get_data(as_text=True)


def test_old_checks_are_not_shown_as_fine(checked, look):
    checked.execute("update plumb.drift_scores set created_at = '2020-03-01 13:40+00'")

    assert heading(look()) == "Cannot say: the invariants were last checked at 2020-03-01 13:40 UTC"


def test_a_check_that_failed_is_not_shown_as_fine(checked, look):
    checked.execute(
        "insert into plumb.invariant_checks (invariant, status, duration_ms, error)"
        " values ('NO_NEGATIVE_STOCK', 'unknown', 1, 'no table')"
    )

    assert heading(look()) == "Cannot say: 1 invariant could not be checked"


def test_a_database_that_declares_nothing_is_not_shown_as_fine(checked, look):
    checked.execute("update plumb.invariants set is_enabled = false")

    assert heading(look()) == "Cannot say: every invariant is disabled"


def test_first_is_said_since_when_and_by_whom_it_is_wrong(broken, look):
    broken.execute("select plumb.seal_audit()")
    broken.execute("select plumb.blame_after_seal((select max(seal_id) from plumb.seals))")
    (user,) = broken.execute("select session_user").fetchone()
    wanted = rf"opened \d+ s ago; changed last by {user}[^:]*: insert of retail.sales, \d+ s ago"

    assert re.search(wanted, Page(look("/")).text)
    assert f"changed last by {user}" in Page(look("/view/incidents/1")).text


def test_what_is_empty_is_one_panel_that_names_commands_that_exist(checked, look):
    for path in PAGES:
        for command in re.findall(r"<code>\./plumb ([^<]*)</code>", look(path).text):
            words = [word for word in shlex.split(command) if word.islower() or word[0] == "-"]
            names = words[:2] if words[0] in ("audit", "backup", "token") else words[:1]
            with pytest.raises(SystemExit, match=r"^0$"):
                main([*names, "--help"])
    assert look("/view/security").text.count('<section class="panel') == 1


def test_the_page_of_an_incident_shows_what_is_wrong_and_what_to_do(broken, look):
    number = broken.execute(
        "select incident_id from plumb.incidents where scope = 'SALE_TOTAL_MATCHES_LINE_ITEMS'"
    ).fetchone()[0]
    text = look(f"/view/incidents/{number}").get_data(as_text=True)

    for shown in ("Timeline", "Violating rows", "sale 42 says 25.00", "opened", "by nobody"):
        assert shown in text
    assert 'href="/runbooks/sale_total_matches_line_items"' in text
    assert look("/view/incidents/4711").status_code == 404


@pytest.mark.parametrize("path", [*PAGES, "/view/incidents/1", "/view/nothing"])
def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing_inline(broken, look, path):
    answer = look(path)
    page = Page(answer)
    policy = answer.headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert page.inline == []
    assert all(address.startswith("/") for address in page.loaded)
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("page", "sentence", "shown"),
    [
        ("audit", "The audit log is intact up to seal", "retail.sales"),
        ("jobs", "1 of", "no space"),
        ("checks", "checks: 1 warning", "autovacuum_lag"),
        ("security", "1 client blocked", "grace"),
        ("backups", "The backup of", "7 tables"),
        ("deployments", "No release may go out now", "v1.4.2"),
        ("deployments/1", "v1.4.2: refused", "NO_OPEN_P1_INCIDENTS"),
        ("settings", "settings differ from", "report_list_rows_max"),
        ("reports", "", "/reports/executive/1?format=html"),
        ("invariants/SALE_TOTAL_MATCHES_LINE_ITEMS", "1 violation", "sale 42 says 25.00"),
        ("incidents", "open incidents", "by nobody"),
    ],
)
def test_each_page_says_what_matters_first(busy, look, page, sentence, shown):
    answer = look(f"/view/{page}")

    assert answer.status_code == 200
    assert sentence in heading(answer)
    assert shown in answer.get_data(as_text=True).replace("<wbr>", "")


def test_nobody_is_asked_for_a_token_where_none_exists(broken, look):
    for path in [*PAGES, "/view/incidents/1"]:
        assert "Sign in" not in look(path).get_data(as_text=True), path


def test_a_column_that_no_row_fills_in_is_not_shown(busy, look):
    text = look("/view/audit").get_data(as_text=True)

    assert ">Compared with its log</th>" in text
    assert ">Masked</th>" not in text


def test_a_tier_that_passed_does_not_look_unknown(busy, look):
    text = look("/view/backups").get_data(as_text=True)
    sign = text.split('<svg class="sign passed"')[1].split("</svg>")[0]

    assert "dashed" not in sign


def test_the_page_of_the_log_says_what_waits_and_what_room_it_takes(busy, look):
    assert "no change waits for a seal" in look("/view/audit").get_data(as_text=True)
    busy.execute("update retail.customers set name = 'Grace' where customer_id = 7")

    text = look("/view/audit").get_data(as_text=True)
    assert "wait for a seal" in text and "no change" not in text
    assert "verified" in text and "MiB" in text


def test_the_page_of_a_row_shows_each_version_and_who_made_it(busy, look):
    busy.execute("update sales set total = 26 where sale_id = 42")
    busy.execute("select plumb.seal_audit()")
    text = look("/view/records?table=retail.sales&key=42").get_data(as_text=True)

    assert "2 versions" in text
    assert "<del>25" in text and "<ins>26" in text
    assert busy.info.user in text
    assert look("/view/records?table=retail.none&key=42").status_code == 404
    for odd in ("-1 days", "a..b", '"', "a.b.c.d", "other.retail.sales", "'", "retail.sales x"):
        assert look(f"/view/records?table={quote(odd)}&key=1").status_code == 404
    assert "no row with this key" in look("/view/records?table=retail.sales&key=x").text


def test_a_key_of_several_columns_may_be_typed_wrong(busy, look):
    busy.execute("create table retail.shelves (hall int, place int, primary key (hall, place))")
    busy.execute("select plumb.audit_table('retail.shelves')")
    busy.execute("insert into retail.shelves values (1, 2)")
    busy.execute("select plumb.seal_audit()")

    for key, sentence in (("[1, 2]", "1 version"), ("1", "no row"), ("[", "no row")):
        answer = look("/view/records", query={"table": "retail.shelves", "key": key})
        assert answer.status_code == 200
        assert sentence in answer.get_data(as_text=True)


def test_the_values_of_rows_are_for_those_who_may_act(busy, client):
    place = "/view/records?table=retail.sales&key=42"
    tokens = {
        scope: busy.execute("select plumb.create_token(%s, %s)", [scope, scope]).fetchone()[0]
        for scope in ("read", "operate")
    }
    statuses = {
        scope: client.get(place, headers={"Authorization": f"Bearer {token}"}).status_code
        for scope, token in tokens.items()
    }

    assert statuses == {"read": 403, "operate": 200}
    assert client.get(place).status_code == 401


def test_a_trusted_name_shows_no_values_of_rows(make_app, busy):
    client = make_app(trusted_hosts=frozenset({"plumb.example"})).test_client()
    trusted = {"Host": "plumb.example"}

    assert client.get("/view/jobs", headers=trusted).status_code == 200
    assert client.get("/view/records?table=retail.sales&key=42", headers=trusted).status_code == 403


def test_every_file_that_a_page_loads_is_there(client, look):
    loaded = Page(look()).loaded

    assert len(loaded) == 3
    for address in loaded:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/view/assets/../layer.py").status_code == 404
    assert client.get("/view/assets/none.css").status_code == 404


def test_every_link_of_the_first_page_opens(broken, look):
    links = {link for link in Page(look()).links if link.startswith("/")}

    assert len(links) > 3
    for link in links:
        assert look(link).status_code == 200, link


def test_an_error_is_a_page_for_a_browser_and_a_problem_for_a_program(client):
    for accepted, kind in ((BROWSER["Accept"], "text/html"), ("*/*", "application/problem+json")):
        answer = client.get("/view/incidents/4711", headers={"Accept": accepted})

        assert answer.status_code == 404
        assert answer.mimetype == kind
        assert "there is no incident 4711" in answer.get_data(as_text=True).lower()


def test_one_call_makes_a_page(checked, make_app):
    app = make_app()
    calls = []
    database = app.config["DATABASE"]
    asked = database.call
    database.call = lambda function, **given: calls.append(function) or asked(function, **given)
    app.test_client().get("/", headers=BROWSER)

    assert calls == ["admit_request", "describe_overview_page"]


def test_an_incident_proposes_what_would_make_it_true_again(look, checked):
    checked.execute(
        "create schema app; create table app.orders (id integer primary key, total integer);"
        "create table app.lines (id integer primary key, order_id integer, amount integer);"
        "select plumb.declare_sum_matches('ORDER_TOTAL', 'app.orders', 'total', 'amount',"
        " 'app.lines', array['order_id']); insert into app.orders values (1, 9);"
        "select plumb.check_invariants()"
    )
    (incident,) = checked.execute(
        "select incident_id from plumb.open_incidents where scope = 'ORDER_TOTAL'"
    ).fetchone()

    text = Page(look(f"/view/incidents/{incident}")).text

    assert "update app.orders as p set total =" in text
    assert f"from plumb.propose_repair({incident});" in text
    # Nothing of it was done.
    assert checked.execute("select total from app.orders").fetchone() == (9,)


def test_no_page_moves_the_cursor_of_a_terminal_or_turns_what_is_written(broken, client):
    text = "\x1b[2J\x9b1mall is \u202ewell"
    number = broken.execute(
        "select plumb.open_incident('shop', 'TILL', 'P2', 'off', %s)", [text]
    ).fetchone()[0]
    broken.execute("select plumb.create_executive_report()")

    for path in ("/", "/view/incidents", f"/view/incidents/{number}", "/reports/executive"):
        page = client.get(path, headers=BROWSER).text
        assert not {"\x1b", "\x9b", "\u202e"} & set(page), path
    assert "all is" in client.get(f"/view/incidents/{number}", headers=BROWSER).text
