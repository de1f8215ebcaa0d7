"""The executive report over HTTP: written on request, once for a key, read in three forms."""

import base64
import hashlib
import json
import re

import pytest


def test_the_guides_endpoint_writes_a_report(client):
    answer = client.post("/reports/executive", json={})

    assert answer.status_code == 201
    assert answer.headers["Location"] == "/reports/executive/1"
    assert answer.json["executiveReportId"] == 1
    assert answer.json["headline"]


def test_a_period_can_be_asked_for(client):
    answer = client.post(
        "/reports/executive?from=2026-01-01T00:00:00Z&to=2026-01-08T00:00:00Z", json={}
    )

    assert answer.json["periodStartedAt"] == "2026-01-01T00:00:00+00:00"
    assert answer.json["periodEndedAt"] == "2026-01-08T00:00:00+00:00"


def test_the_same_key_writes_one_report(client):
    first, second = (
        client.post("/reports/executive", json={}, headers={"Idempotency-Key": '"k"'})
        for _ in range(2)
    )

    assert (first.json, first.headers["Location"]) == (second.json, second.headers["Location"])
    assert client.get("/reports/executive").json["total"] == 1


@pytest.mark.parametrize(
    ("asked", "media_type", "begins"),
    [
        ({"headers": {"Accept": "text/html"}}, "text/html", "<!doctype html>"),
        ({"headers": {"Accept": "text/markdown"}}, "text/markdown", "# "),
        ({"headers": {"Accept": "application/json"}}, "application/json", "{"),
        ({}, "application/json", "{"),
        ({"query_string": "format=html"}, "text/html", "<!doctype html>"),
        ({"query_string": "format=markdown"}, "text/markdown", "# "),
    ],
)
@pytest.mark.parametrize("which", ["1", "latest"])
def test_a_report_is_read_in_the_form_asked_for(client, which, asked, media_type, begins):
    client.post("/reports/executive", json={})

    answer = client.get(f"/reports/executive/{which}", **asked)

    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert answer.text.startswith(begins)
    assert (
        media_type == "application/json"
        or "default-src 'none'" in answer.headers["Content-Security-Policy"]
    )


def test_the_list_goes_back_page_by_page(client):
    for _ in range(3):
        client.post("/reports/executive", json={})

    first = client.get("/reports/executive?limit=2").json
    rest = client.get("/reports/executive?limit=2&before=2").json

    assert [r["executiveReportId"] for r in first["reports"]] == [3, 2]
    assert [r["executiveReportId"] for r in rest["reports"]] == [1]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/reports/executive/latest", None, 404),
        ("GET", "/reports/executive/7", None, 404),
        ("GET", "/reports/executive/7?format=pdf", None, 400),
        ("GET", "/reports/executive?limit=0", None, 400),
        ("POST", "/reports/executive?from=yesterday", None, 400),
        ("POST", "/reports/executive?from=2026-02-01&to=2026-01-01", None, 400),
        ("POST", "/reports/executive", json.dumps({"from": "2026-01-01"}), 400),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(client, method, path, body, status):
    answer = client.open(path, method=method, data=body, content_type="application/json")

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"]


def test_the_page_may_use_its_own_style_and_nothing_else(client):
    client.post("/reports/executive", json={})

    answer = client.get("/reports/executive/1?format=html")

    policy = answer.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", answer.text, flags=re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "sandbox" in policy
    # What a hash does not cover is not there.
    assert not re.search(r"<script|<link|<img|\sstyle=|\son\w+=", answer.text)
