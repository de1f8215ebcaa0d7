"""Who may write: the bearer of the token, or, without one, whoever sits on this machine."""

import pytest

ON = {"reason": "r", "enabledBy": "e"}


def switch(client, **headers):
    return client.post("/system-mode/safe", json=ON, headers=headers)


@pytest.fixture
def locked(make_shared_app):
    """Return a client of a service that has a token."""
    return make_shared_app(api_token="s3cret-ß").test_client()


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic s3cret-ß", "s3cret-ß", "Bearer s3cret"],
)
def test_a_write_without_the_token_is_unauthorized(locked, header):
    answer = switch(locked, **({"Authorization": header.encode().decode("latin-1")}))

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="plumbline"'
    assert answer.content_type == "application/problem+json"
    assert locked.get("/system-mode").json["safeMode"] is False


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_write_with_the_token_is_done(locked, scheme):
    header = f"{scheme} s3cret-ß".encode().decode("latin-1")

    assert switch(locked, Authorization=header).status_code == 200


def test_reading_needs_no_token(locked):
    assert locked.get("/system-health").status_code == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:3000", "127.0.0.1:3000", "[::1]:3000"])
def test_without_a_token_this_machine_may_write(shared_client, host):
    assert switch(shared_client, Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:3000", "10.0.0.7", "localhost.evil.example", "127.0.0.1.x"],
)
def test_without_a_token_a_write_under_another_name_is_forbidden(shared_client, host):
    answer = switch(shared_client, Host=host)

    assert answer.status_code == 403
    assert answer.content_type == "application/problem+json"
    assert shared_client.get("/system-mode").json["safeMode"] is False
