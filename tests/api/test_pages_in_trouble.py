"""Whatever is wrong, the page says what it is and what to do next, also without the database."""

import re

import pytest
from browser import BROWSER, Page, heading
from plumbline.api.layers.request import RequestLayer
from waiting import wait_until

# What is wrong, what is said about it, and what a person does then.
TROUBLES = {
    "nothing declared": (
        "delete from plumb.invariant_checks; delete from plumb.invariants",
        "No invariant is declared",
        "./plumb attach",
    ),
    "disabled": (
        "update plumb.invariants set is_enabled = false",
        "Every invariant is disabled",
        "plumb.tune_invariant",
    ),
    "silent scheduler": (
        "update plumb.job_runs set started_at = '2020-03-01 13:40+00';"
        " update plumb.settings set updated_at = '2020-01-01'",
        "The scheduler is silent since",
        "./plumb doctor",
    ),
    "old checks": (
        "update plumb.drift_scores set created_at = '2020-03-01 13:40+00'",
        "The invariants were last checked at",
        "./plumb verify",
    ),
    "not all judged": (
        "insert into plumb.invariant_checks (invariant, status, duration_ms, error)"
        " values ('NO_NEGATIVE_STOCK', 'unknown', 1, 'no table')",
        "1 invariant could not be checked",
        "select name, error from plumb.invariant_status",
    ),
    "nothing guarded": (
        "delete from plumb.guarded_tables",
        "No table is guarded",
        "./plumb attach",
    ),
    "backup failed": (
        "select plumb.open_incident('backup', 'newest', 'P2', 'The newest backup is invalid')",
        "The newest backup is invalid",
        "See the backups",
    ),
    "edited log": (
        "select plumb.open_incident('audit', 'log', 'P1', 'The log was edited')",
        "The log was edited",
        "See the findings",
    ),
    "disk": (
        "select plumb.open_incident('database-check', 'disk_space', 'P1', 'The disk is 97 % full')",
        "The disk is 97 % full",
        "See the check",
    ),
    "safe mode": (
        "select plumb.engage_safe_mode('a leak', 'ops')",
        "Safe mode is engaged",
        "Repair the cause, then end safe mode",
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_trouble_is_a_card_that_says_what_to_do_next(checked, look, trouble):
    statement, said, following = TROUBLES[trouble]
    checked.execute(statement)
    text = re.sub(r"<[^>]+>", "", look().get_data(as_text=True))
    needs = text[text.index("What needs you") :].partition("May a release go out?")[0]

    assert said in needs
    assert following in needs[needs.index(said) :]


def test_what_was_not_checked_lately_is_not_listed_as_fine(checked, look):
    assert "7 invariants hold" in Page(look()).text
    checked.execute("update plumb.drift_scores set created_at = '2020-03-01 13:40+00'")

    assert "invariants hold" not in Page(look()).text
    assert "13:40:00" not in Page(look()).text


def test_an_edited_log_is_not_shown_as_fine(checked, look):
    checked.execute("insert into customers (customer_id, name) values (7, 'Ada')")
    checked.execute("select plumb.seal_audit()")
    guard = "trigger audit_blocks_are_append_only"
    checked.execute(f"alter table plumb.audit_blocks disable {guard}")
    checked.execute("update plumb.audit_blocks set lines = replace(lines, 'Ada', 'Eve')")
    checked.execute(f"alter table plumb.audit_blocks enable always {guard}")
    checked.execute("select plumb.run_audit_check(true)")
    checked.execute("select plumb.check_invariants()")
    checked.execute("select plumb.score_health()")
    answer = look()

    assert re.fullmatch(r"The audit log is not intact: \d+ P1 findings?", heading(answer))
    assert 'class="truth violated"' in answer.get_data(as_text=True)
    assert "See the findings in the audit log" in answer.get_data(as_text=True)


def test_without_the_database_the_page_says_so_and_shows_what_was_known(far_client, gateway, db):
    db.execute("select plumb.check_invariants()")
    first = far_client.get("/", headers=BROWSER)
    gateway.cut()
    answer = far_client.get("/", headers=BROWSER)

    assert first.status_code == 200
    assert answer.status_code == 503
    assert heading(answer) == "Cannot say: the database does not answer"
    assert heading(first) in answer.get_data(as_text=True)
    assert "What was known" in answer.get_data(as_text=True)
    assert "Retry-After" in answer.headers
    assert far_client.get(Page(answer).loaded[0]).status_code == 200


def test_a_slow_database_is_said_with_what_was_known(far_client, db, connect):
    first = far_client.get("/", headers=BROWSER)
    blocker = connect(autocommit=False)
    blocker.execute("lock table plumb.incidents in access exclusive mode")
    answer = far_client.get("/", headers=BROWSER)
    blocker.rollback()

    assert answer.status_code == 503
    assert heading(answer) == "Cannot say: the database is too slow"
    assert heading(first) in answer.get_data(as_text=True)
    assert re.search(r"What was known \d+ s ago", answer.get_data(as_text=True))
    assert far_client.get("/", headers=BROWSER).status_code == 200


def test_what_was_known_is_renewed_while_nobody_looks(far_client, gateway):
    app = far_client.application
    layer = app.extensions["plumbline"]
    RequestLayer.start(layer)
    wait_until(app.config["LAST_KNOWN"].shown, 5)
    gateway.cut()
    answer = far_client.get("/", headers=BROWSER)
    layer.stop()

    assert answer.status_code == 503
    assert "What was known" in answer.get_data(as_text=True)


def test_without_any_knowledge_the_page_says_that_too(far_client, gateway):
    gateway.cut()
    answer = far_client.get("/", headers=BROWSER)

    assert heading(answer) == "Cannot say: the database does not answer"
    assert "nothing is known" in answer.get_data(as_text=True)
