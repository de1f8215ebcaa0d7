"""GET /deployments and GET /deployments/<deployment>."""

import pytest


@pytest.fixture
def judge(db):
    """Return a function that holds a deployment against the gates; 0 % coverage is refused."""

    def judge_one(name, coverage=0):
        db.execute("select plumb.check_deployment_gates(%s, %s)", [name, coverage])
        return db.execute("select max(deployment_id) from plumb.deployments").fetchone()[0]

    return judge_one


def names(answer):
    return [deployment["name"] for deployment in answer.json["deployments"]]


def test_there_are_none_at_first(client):
    assert client.get("/deployments").json == {
        "total": 0,
        "deployments": [],
        "nextCursor": None,
    }


def test_the_newest_comes_first_with_its_gates(client, judge):
    judge("v1")
    judge("v2")

    answer = client.get("/deployments")

    assert names(answer) == ["v2", "v1"]
    assert [g["gate"] for g in answer.json["deployments"][0]["gates"]] == [
        "NO_OPEN_P1_INCIDENTS",
        "DRIFT_SCORE",
        "TEST_COVERAGE",
        "BACKUP_FRESHNESS",
        "ERROR_RATE",
        "MIGRATIONS_CLEAN",
    ]


def test_pages_follow_each_other(client, judge):
    for number in range(5):
        judge(f"v{number}")

    first = client.get("/deployments?limit=2")
    second = client.get(f"/deployments?limit=2&cursor={first.json['nextCursor']}")
    third = client.get(f"/deployments?limit=2&cursor={second.json['nextCursor']}")

    assert [names(page) for page in (first, second, third)] == [["v4", "v3"], ["v2", "v1"], ["v0"]]
    assert third.json["nextCursor"] is None


def test_name_and_status_select(client, judge):
    judge("v1")
    judge("v2")

    assert names(client.get("/deployments?name=v1")) == ["v1"]
    assert names(client.get("/deployments?status=refused,cleared&limit=1")) == ["v2"]
    assert names(client.get("/deployments?status=succeeded")) == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "status=fine", "cursor=x", "cursor=-1", "cursor=1' or '1'='1", "x=1"],
)
def test_wrong_filters_are_named(client, query):
    answer = client.get(f"/deployments?{query}")

    assert answer.status_code == 400
    assert answer.json["type"].endswith("bad-argument")


def test_number_and_name_lead_to_one_deployment(client, judge):
    number = judge("release/1.4 of <b>'us'</b>")

    by_number = client.get(f"/deployments/{number}")
    by_name = client.get("/deployments/release/1.4 of <b>'us'</b>")

    assert by_number.json == by_name.json
    assert by_name.json["name"] == "release/1.4 of <b>'us'</b>"


def test_of_several_with_one_name_the_newest_is_shown(client, judge):
    judge("v1")
    newest = judge("v1")

    assert client.get("/deployments/v1").json["deploymentId"] == newest


@pytest.mark.parametrize("name", ["a%00b", "%0a"])
def test_a_name_with_a_control_character_is_a_bad_request(client, name):
    assert client.get(f"/deployments/{name}").status_code == 400


@pytest.mark.parametrize("name", ["v9", "0", "9" * 40, "'; drop table x"])
def test_what_was_never_deployed_is_not_found(client, judge, name):
    judge("v1")

    answer = client.get(f"/deployments/{name}")

    assert answer.status_code == 404
    assert answer.json["type"].endswith("unknown-name")
