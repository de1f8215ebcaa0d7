"""docs/http.md names every endpoint, and the examples are shaped as the real answers are."""

import json
import re
import shlex
import subprocess

import jsonschema_rs
import pytest
from documented import DOC, ROOT, SECTIONS, shape
from plumbline.api.answer_schemas import examples, schema_of

PAGES = [page.read_text() for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]


def without_what_varies(named):
    """Leave out what depends on the incident: its evidence and whether lists are empty."""
    named = dict(named)
    if "snapshot" in named:
        named["snapshot"] = {name: None for name in named["snapshot"]}
    return json.loads(json.dumps(named).replace("[]", "null").replace("[null]", "null"))


def test_every_endpoint_is_described_and_no_other(shared_client):
    listed = {(e["method"], e["path"]) for e in shared_client.get("/").json["endpoints"]}

    assert set(SECTIONS) == listed


@pytest.fixture
def with_problems(db):
    """Give the database an open incident, a violation, scores and a job run."""
    db.execute("insert into retail.customers (customer_id, name) values (7, 'Ada')")
    db.execute(
        "insert into retail.sales (sale_id, invoice_no, customer_id, total)"
        " values (42, 'INV-42', 7, 25)"
    )
    db.execute("select plumb.check_invariants()")
    db.execute("select plumb.score_health()")
    db.execute("select plumb.create_executive_report()")
    db.execute("select plumb.silence(now() + interval '1 hour', 'known')")
    db.execute("select plumb.block_client('203.0.113.7', 'scanning')")
    db.execute("update plumb.system_mode set mode = 'normal'")
    db.execute("select plumb.check_deployment_gates('v1.4.2', 91.2)")
    db.execute(
        "update plumb.deployments set baseline_taken_at = now(), baseline_p95_ms = 18,"
        " baseline_sample = '{}', status = 'watching', applied_at = now()"
    )
    db.execute(
        "insert into plumb.deployment_samples (deployment_id, sampled_at)"
        " select deployment_id, now() from plumb.deployments"
    )
    db.execute(
        "insert into plumb.deployment_events (deployment_id, status, occurred_at)"
        " select deployment_id, status, now() from plumb.deployments"
    )
    return db


def test_every_example_is_that_of_an_endpoint():
    shown = sum(example is not None for example in SECTIONS.values())

    assert shown == len(examples())


def test_the_answers_are_shaped_as_described(client, with_problems):
    number = str(
        with_problems.execute("select min(incident_id) from plumb.incidents").fetchone()[0]
    )
    for (method, path), example in SECTIONS.items():
        # What changes something is held against its example where it is tested.
        if method != "GET" or example is None:
            continue
        query = "?limit=1" if path in ("/incidents", "/invariants/status") else ""
        target = path.replace("<incident_id>", number).replace("<deployment>", "v1.4.2")
        answer = client.open(target + query, method=method).json
        jsonschema_rs.validate(schema_of(example), answer)
        if path == "/incidents/<incident_id>":
            answer = {name: answer[name] for name in example}

        assert without_what_varies(shape(answer)) == without_what_varies(shape(example)), path


def test_the_switch_answers_as_described(client, with_problems):
    on = client.post("/system-mode/safe", json={"reason": "r", "enabledBy": "e"})
    with_problems.execute("update plumb.system_mode set override_token = 'x'")
    off = client.delete("/system-mode/safe", json={"overrideToken": "x", "disabledBy": "e"})

    assert set(on.json) == set(SECTIONS["POST", "/system-mode/safe"])
    assert set(off.json) == set(SECTIONS["DELETE", "/system-mode/safe"])


def test_the_described_refusal_is_the_real_one(client):
    described = re.search(r"limit=1000'\n```\n```json\n(.*?)\n```", DOC, flags=re.S).group(1)

    assert client.get("/incidents?limit=1000").json == json.loads(described)


def test_the_requests_that_other_pages_show_are_answered(service):
    # The switch of safe mode is tested word for word in test_seed_commands.py.
    blocks = re.findall(r"^ *(curl .*(?:\\\n.*)*)", "\n".join(PAGES), flags=re.M)
    shown = {block for block in blocks if "/system-mode" not in block}
    assert len(shown) > 3
    # What one request makes, such as a report, another reads.
    for command in sorted(shown, key=lambda block: ("POST" not in block, block)):
        words = shlex.split(command.replace("http://127.0.0.1:3000", service.url), comments=True)
        words = words[: words.index("|") if "|" in words else None]
        done = subprocess.run(
            [*words, "-s", "-o", "/dev/null", "-w", "%{http_code}"],
            capture_output=True,
            text=True,
            check=True,
        )
        # The description of a refusal shows one.
        assert done.stdout in ("200", "201") or "limit=1000" in command, command
