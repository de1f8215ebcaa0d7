"""A client that asks again and again is told only what is new, and finds the next page."""

import urllib.parse

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families


@pytest.mark.parametrize(
    "path", ["/incidents", "/invariants/status", "/cron/status", "/system-mode", "/deployments"]
)
def test_what_the_client_has_already_is_not_sent_again(client, path):
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.get_data() == b""
    assert client.get(path, headers={"If-None-Match": '"old"'}).get_data() == first.get_data()


def test_what_changed_is_sent(client, db):
    before = client.get("/incidents").headers["ETag"]
    db.execute("select plumb.open_incident('test', 'A', 'P3', 'a', 'b')")
    answer = client.get("/incidents", headers={"If-None-Match": before})

    assert (answer.status_code, answer.json["total"]) == (200, 1)


def test_a_write_has_no_etag(client, db):
    body = {"reason": "r", "enabledBy": "e"}

    assert "ETag" not in client.post("/system-mode/safe", json=body).headers


def test_the_next_page_is_a_link(client, db):
    for number in range(3):
        db.execute("select plumb.open_incident('test', %s, 'P3', 'a', 'b')", [str(number)])
    seen, path = [], "/incidents?limit=1&source=test"
    while path:
        answer = client.get(path)
        seen += [one["scope"] for one in answer.json["incidents"]]
        link = answer.headers.get("Link", "")
        assert bool(link) == bool(answer.json["nextCursor"])
        path = link.partition(">")[0][1:]
        assert not path or "source=test" in urllib.parse.urlsplit(path).query

    assert seen == ["0", "1", "2"]


def test_openmetrics_is_spoken_to_who_prefers_it(client, db):
    db.execute("select plumb.check_invariants()")
    wanted = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    answer = client.get("/metrics", headers={"Accept": wanted})

    assert answer.mimetype == "application/openmetrics-text"
    families = list(text_string_to_metric_families(answer.get_data(as_text=True)))
    assert "plumb_drift_score" in {family.name for family in families}
    plain = ["*/*", "", "text/plain", "application/openmetrics-text;q=0.5, */*;q=0.9"]
    plain += [
        "text/*;q=0.9, application/openmetrics-text;q=0.5",
        "application/openmetrics-text;q=0",
    ]
    for accepted in plain:
        assert client.get("/metrics", headers={"Accept": accepted}).mimetype == "text/plain"
