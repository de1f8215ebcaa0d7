"""./plumb token: made, used over HTTP, listed without its secret, revoked."""

import json

import psycopg
import pytest
from plumbline.cli.__main__ import main


@pytest.fixture
def token(db, monkeypatch, capsys):
    """Return a function that runs `plumb token …` and gives its exit code, output and errors."""
    monkeypatch.setenv("DATABASE_URL", psycopg.conninfo.make_conninfo(db.info.dsn))

    def run(*arguments):
        code = main(["token", *arguments])
        said = capsys.readouterr()
        return code, said.out.strip(), said.err.strip()

    return run


def test_a_token_made_here_opens_the_service_until_it_is_revoked(token, make_app):
    client = make_app().test_client()
    _code, secret, _error = token("create", "ci", "--scope", "operate", "--days", "90")

    def switch():
        return client.post(
            "/system-mode/safe",
            json={"reason": "drill", "enabledBy": "ci"},
            headers={"Authorization": f"Bearer {secret}"},
        ).status_code

    assert switch() == 200
    assert token("revoke", "ci")[0] == 0
    assert switch() == 401


def test_the_list_shows_everything_but_the_secret(token):
    secret = token("create", "grafana", "--scope", "read")[1]

    _code, table, _error = token("list")
    listed = json.loads(token("list", "--json")[1])

    assert secret not in table
    assert table.splitlines()[0].split() == [
        *("NAME", "SCOPE", "STATUS", "CREATED", "AT", "EXPIRES", "AT", "LAST", "USED", "AT")
    ]
    assert [(t["name"], t["scope"], t["status"]) for t in listed] == [("grafana", "read", "live")]


def test_mistakes_are_named_with_the_way_out(token):
    token("create", "ci")

    for arguments, said in (
        (("create", "ci"), "there is a token named 'ci' already"),
        (("create", "a b"), "a token's name has 1 to 100"),
        (("create", "ops", "--days", "0"), "lives 1 to 3650 days"),
        (("revoke", "nobody"), "no live token named 'nobody'"),
    ):
        code, out, error = token(*arguments)
        assert (code, out) == (2, "")
        assert said in error
        assert len(error.splitlines()) == 2
