"""The forms of the pages act for whoever signed in, in his name, and for no other page."""

import re

import pytest

BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
COOKIE = "plumb_session"


@pytest.fixture
def broken(db):
    """Return a database with an open incident, and a clock that nobody moves."""
    db.execute("insert into customers (customer_id, name) values (7, 'Ada')")
    db.execute(
        "insert into sales (sale_id, invoice_no, customer_id, total) values (42, 'I-42', 7, 25)"
    )
    db.execute("select plumb.check_invariants()")
    return db


@pytest.fixture
def incident(broken):
    return broken.execute("select min(incident_id) from plumb.incidents").fetchone()[0]


@pytest.fixture
def make_token(db):
    return lambda scope, name="ada": db.execute(
        "select plumb.create_token(%s, %s)", [name, scope]
    ).fetchone()[0]


class Visitor:
    """A browser that fills in forms."""

    def __init__(self, client):
        """Sit down."""
        self.client = client

    def open(self, path="/view/sign-in"):
        return self.client.get(path, headers=BROWSER)

    def send(self, path, page="/view/sign-in", **fields):
        text = self.open(page).get_data(as_text=True)
        found = re.search(r'name="form_token" value="(\w+)"', text)
        form = {"form_token": found[1] if found else ""} | fields
        answer = self.client.post(path, data=form, headers=BROWSER, buffered=True)
        answer.close()
        return answer

    def sign_in(self, token, **fields):
        return self.send("/view/sign-in", token=token, **fields)


@pytest.fixture
def visitor(client):
    return Visitor(client)


def status(db, incident):
    return db.execute(
        "select status, acknowledged_by from plumb.incidents where incident_id = %s", [incident]
    ).fetchone()


def test_a_person_on_this_machine_acts_by_name_without_a_token(visitor, broken, incident):
    place = f"/view/incidents/{incident}"
    answer = visitor.send(f"{place}/acknowledge", place, by="Grace")

    assert (answer.status_code, answer.location) == (303, place)
    assert status(broken, incident) == ("OPEN", "Grace")
    # The name is remembered.
    assert 'value="Grace"' in visitor.open(place).get_data(as_text=True)
    assert visitor.send(f"{place}/unacknowledge", place, by="Grace").status_code == 303
    assert status(broken, incident) == ("OPEN", None)


def test_the_story_ends_with_a_resolved_incident(visitor, broken, incident):
    place = f"/view/incidents/{incident}"
    for action, fields in (
        ("acknowledge", {}),
        ("comments", {"comment": "looking"}),
        ("silence", {"hours": "4", "reason": "known"}),
        ("escalate", {"reason": "help"}),
    ):
        assert visitor.send(f"{place}/{action}", place, by="Grace", **fields).status_code == 303
    broken.execute("update sales set total = 0 where sale_id = 42")
    answer = visitor.send("/view/invariants/check", place, to=place)

    assert answer.location == place
    text = visitor.open(place).get_data(as_text=True)
    assert "Nothing: it is over" in text
    for shown in ("looking", "known", "help", "by Grace"):
        assert shown in text


def test_closing_needs_a_reason_and_a_name(visitor, broken, incident):
    place = f"/view/incidents/{incident}"

    for fields in ({"reason": "r"}, {"by": "Grace"}, {"by": " ", "reason": "r"}):
        assert visitor.send(f"{place}/close", place, **fields).status_code == 400
    assert visitor.send(f"{place}/close", place, by="Grace", reason="moved").status_code == 303
    assert status(broken, incident)[0] == "CLOSED"


def test_safe_mode_is_engaged_and_ended_from_the_page(visitor, broken):
    broken.execute("update plumb.system_mode set override_token = 's3cret'")
    engaged = visitor.send("/view/system-mode/safe", "/", by="Grace", reason="a leak")
    text = visitor.open("/").get_data(as_text=True)
    wrong = visitor.send("/view/system-mode/normal", "/", by="Grace", override_token="x")

    assert engaged.status_code == 303
    assert "Safe mode: no writes since" in text and "a leak" in text
    assert wrong.status_code == 403
    broken.execute("update plumb.system_mode set override_locked_until = null")
    ended = visitor.send("/view/system-mode/normal", "/", by="Grace", override_token="s3cret")
    assert ended.status_code == 303
    assert "Safe mode: no writes" not in visitor.open("/").get_data(as_text=True)


def test_safe_mode_refuses_the_other_forms(visitor, broken, incident):
    place = f"/view/incidents/{incident}"
    broken.execute("select plumb.engage_safe_mode('a test', 'ops')")
    answer = visitor.send(f"{place}/close", place, by="Grace", reason="r")

    assert answer.status_code == 503
    assert "Refused: safe mode is engaged" in answer.get_data(as_text=True)
    assert status(broken, incident)[0] == "OPEN"


@pytest.mark.parametrize("form_token", ["", "0" * 64, "é"])
def test_a_form_of_another_session_is_refused(visitor, client, broken, incident, form_token):
    visitor.open()
    answer = client.post(
        f"/view/incidents/{incident}/acknowledge",
        data={"form_token": form_token, "by": "Grace"},
        headers=BROWSER,
    )

    assert answer.status_code == 400
    assert status(broken, incident) == ("OPEN", None)


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "rebind.evil.example", "Origin": "http://rebind.evil.example"},
    ],
    ids=str,
)
def test_a_foreign_page_cannot_send_our_form(visitor, client, broken, incident, sent):
    place = f"/view/incidents/{incident}"
    token = re.search(
        r'name="form_token" value="(\w+)"', visitor.open(place).get_data(as_text=True)
    )[1]
    answer = client.post(
        f"{place}/acknowledge",
        data={"form_token": token, "by": "Eve"},
        headers=BROWSER | sent,
    )

    assert answer.status_code == 403
    assert status(broken, incident) == ("OPEN", None)


def test_a_page_takes_forms_and_no_json(client):
    answer = client.post("/view/incidents/1/acknowledge", json={"by": "x"})

    assert answer.status_code == 415


def test_where_a_token_is_needed_the_page_asks_for_it(visitor, broken, incident, make_token):
    make_token("operate")
    place = f"/view/incidents/{incident}"
    text = visitor.open(place).get_data(as_text=True)
    answer = visitor.send(f"{place}/acknowledge", by="Grace")

    assert "Sign in to act" in text and "/acknowledge" not in text
    assert answer.status_code == 401
    assert 'name="token"' in answer.get_data(as_text=True)
    assert status(broken, incident) == ("OPEN", None)


def test_who_signed_in_acts_under_the_name_of_the_token(visitor, broken, incident, make_token):
    place = f"/view/incidents/{incident}"
    answer = visitor.sign_in(make_token("operate"), to=place)

    assert (answer.status_code, answer.location) == (303, place)
    assert visitor.send(f"{place}/acknowledge", place, by="Mallory").status_code == 303
    assert status(broken, incident) == ("OPEN", "ada")
    call = broken.execute(
        "select path, actor, scope, decision, status from plumb.api_calls"
        " order by api_call_id desc limit 1"
    ).fetchone()
    assert call == (f"/incidents/{incident}/acknowledge", "ada", "operate", "admit", 303)


def test_a_token_that_may_read_shows_no_form_and_sends_none(visitor, broken, incident, make_token):
    place = f"/view/incidents/{incident}"
    visitor.sign_in(make_token("read"))

    assert "/acknowledge" not in visitor.open(place).get_data(as_text=True)
    assert visitor.send(f"{place}/acknowledge", place, by="x").status_code in (400, 403)
    assert status(broken, incident) == ("OPEN", None)


def test_the_token_of_the_environment_signs_in_too(make_app, broken, incident):
    visitor = Visitor(make_app(api_token="tökén").test_client())
    place = f"/view/incidents/{incident}"

    assert visitor.sign_in("wrong").status_code == 401
    assert visitor.sign_in("tökén").status_code == 303
    assert visitor.send(f"{place}/acknowledge", place, by="Grace").status_code == 303
    assert status(broken, incident) == ("OPEN", "Grace")


def test_a_wrong_token_is_counted_and_shown(visitor, make_token):
    make_token("operate")
    # Who is on this machine is never blocked.
    visitor.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    answer = visitor.sign_in("plumb_wrong")

    assert answer.status_code == 401
    assert "The token is unknown, expired or revoked" in answer.get_data(as_text=True)
    # As many as may be guessed elsewhere; then the client is blocked.
    statuses = [visitor.sign_in("plumb_wrong").status_code for _ in range(12)]
    assert statuses[0] == 401
    assert statuses[-1] == 403


def test_a_revoked_token_ends_its_sessions_at_once(visitor, db, make_token):
    visitor.sign_in(make_token("operate"))
    assert "Sign out" in visitor.open("/").get_data(as_text=True)
    db.execute("update plumb.api_tokens set revoked_at = now()")
    answer = visitor.open("/")

    assert answer.status_code == 401
    # The cookie is gone with it: the next look is nobody's.
    assert visitor.open("/").status_code == 200


def test_signing_out_ends_the_session(visitor, make_token):
    visitor.sign_in(make_token("operate"))

    assert visitor.send("/view/sign-out", "/").status_code == 303
    assert "Sign out" not in visitor.open("/").get_data(as_text=True)


def test_the_cookie_is_kept_from_scripts_and_foreign_pages(client):
    header = client.get("/view/sign-in", headers=BROWSER).headers["Set-Cookie"]

    for attribute in ("HttpOnly", "SameSite=Strict", "Max-Age=43200", "Path=/"):
        assert attribute in header
    assert "Secure" not in header
    behind = client.get("/view/sign-in", headers=BROWSER | {"X-Forwarded-Proto": "https"})
    assert "Secure" in (behind.headers.get("Set-Cookie") or "Secure")


def test_signing_in_begins_a_new_session(visitor, client, make_token):
    visitor.open()
    before = client.get_cookie(COOKIE).value
    visitor.sign_in(make_token("operate"))

    assert client.get_cookie(COOKIE).value.partition(".")[0] != before.partition(".")[0]


def test_a_changed_or_old_cookie_is_nobodys(visitor, client, make_token, monkeypatch):
    visitor.sign_in(make_token("admin"))
    value = client.get_cookie(COOKIE).value
    client.set_cookie(COOKIE, "A" + value[1:])
    assert "Sign out" not in visitor.open("/").get_data(as_text=True)
    client.set_cookie(COOKIE, value)
    assert "Sign out" in visitor.open("/").get_data(as_text=True)
    client.set_cookie(COOKIE, value)
    monkeypatch.setattr("plumbline.api.pages.sessions.SESSION_SECONDS_MAX", -1)
    assert "Sign out" not in visitor.open("/").get_data(as_text=True)


def test_a_session_is_worth_nothing_outside_the_pages(visitor, client, make_token):
    visitor.sign_in(make_token("admin"))
    answer = client.post("/incidents/1/acknowledge", json={"by": "x"}, headers=BROWSER)

    assert answer.status_code == 401


@pytest.mark.parametrize("to", ["//evil.example/view/", "http://evil.example/view/", "/\\evil", ""])
def test_signing_in_leads_to_no_foreign_place(visitor, make_token, to):
    assert visitor.sign_in(make_token("operate"), to=to).location == "/"


def test_a_setting_is_changed_with_a_reason_and_by_whom(visitor, db):
    place = "/view/settings/escalate_attempts"
    assert visitor.send(place, place, value="5", reason="slow drills", by="Grace").location == place

    changed = "select value, changed_by, reason from plumb.settings where name = %s"
    assert db.execute(changed, ["escalate_attempts"]).fetchone() == ("5", "Grace", "slow drills")
    text = visitor.open(place).get_data(as_text=True)
    assert "slow drills" in text and "by Grace" in text

    visitor.send(place, place, reset="yes", reason="as before", by="Grace")
    assert db.execute(changed, ["escalate_attempts"]).fetchone() == (None, "Grace", "as before")


def test_a_value_out_of_range_is_refused_with_the_range(visitor, db):
    place = "/view/settings/escalate_attempts"
    answer = visitor.send(place, place, value="0", reason="none at all", by="Grace")

    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert re.search(r"escalate_attempts takes .*1 to \d+", text), text
    assert visitor.send(place, place, value="5", by="Grace").status_code == 400
    changed = "select count(*) from plumb.settings where changed_by is not null"
    assert db.execute(changed).fetchone() == (0,)


def test_only_an_admin_changes_settings(visitor, db, make_token):
    place = "/view/settings/escalate_attempts"
    visitor.sign_in(make_token("operate"))
    assert 'name="value"' not in visitor.open(place).get_data(as_text=True)
    assert visitor.send(place, "/view/incidents", value="5", reason="why").status_code == 403

    visitor.sign_in(make_token("admin", "root"))
    assert visitor.send(place, place, value="5", reason="why").status_code == 303
    changed = "select changed_by from plumb.settings where name = 'escalate_attempts'"
    assert db.execute(changed).fetchone() == ("root",)


def test_the_record_of_calls_says_who_acted_without_a_name_of_a_token(visitor, broken, incident):
    place = f"/view/incidents/{incident}"
    visitor.send(f"{place}/acknowledge", place, by="Grace")
    visitor.client.post(
        f"/incidents/{incident}/comments", json={"comment": "seen", "by": "Hedy"}
    ).close()

    actors = "select actor from plumb.call_history where status < 400 order by called_at"
    assert broken.execute(actors).fetchall() == [("Grace (nobody)",), ("Hedy (nobody)",)]
