"""The description of the service says what the routes take, and the routes answer as it says."""

import ast
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from api_processes import running
from plumbline.api import openapi

ROUTES = Path(openapi.__file__).with_name("routes")
# No route of these may be called with anything: they would stop the others.
SWITCH = "/system-mode/safe"


def texts(call):
    """Return the names that a call of query_values or json_fields gives."""
    required = [one.value for one in call.args if isinstance(one, ast.Constant)]
    optional = [
        one.value
        for keyword in call.keywords
        if keyword.arg in ("optional", "several")
        for one in keyword.value.elts
    ]
    return required, optional


def read_by_code():
    """Return what each view reads: {name of the view: (query, required, optional)}."""
    found = {}
    for path in ROUTES.glob("*.py"):
        functions = {
            node.name: node
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.FunctionDef)
        }
        for name, function in functions.items():
            query, required, optional = [], [], []
            bodies = [function] + [
                functions[node.func.id]
                for node in ast.walk(function)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in functions
            ]
            for node in (node for body in bodies for node in ast.walk(body)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    if node.func.id == "query_values":
                        query += texts(node)[0]
                    if node.func.id == "json_fields":
                        required, optional = texts(node)
            found[f"{path.stem}.{name}"] = (query, required, optional)
    return found


def test_what_is_described_is_what_the_code_reads(make_shared_app):
    app, code = make_shared_app(), read_by_code()
    described = openapi.document(app, "1")["paths"]
    routes = 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/view/"):
            continue
        path = openapi.CONVERTER.sub(r"{\2}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            operation = described[path][method.lower()]
            query = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            required = schema.get("required", [])
            optional = [name for name in schema.get("properties", {}) if name not in required]
            assert (query, required, optional) == code[rule.endpoint], (method, path)
            routes += 1
    assert routes == sum(len(operations) for operations in described.values())
    assert {*openapi.QUERIES, *openapi.BODIES, *openapi.SIGNED, *openapi.ANSWERS} <= {
        f"{method.upper()} {path}" for path, found in described.items() for method in found
    }


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(make_shared_app):
    paths = openapi.document(make_shared_app(), "1")["paths"]
    operations = [one for found in paths.values() for one in found.values()]
    names = [(one["tags"][0], one["operationId"]) for one in operations]

    assert len(names) == len(set(names))
    assert all(one["summary"].endswith(".") for one in operations)


def test_the_page_shows_every_route_and_loads_nothing_from_elsewhere(shared_client):
    answer = shared_client.get("/docs")
    text = answer.get_data(as_text=True)

    for path in shared_client.get("/openapi.json").json["paths"]:
        assert f"<code>{path}</code>" in text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "http://" not in text and "https://" not in text


@pytest.fixture
def open_service(db, tmp_path):
    """Run a service with a database of its own, whose limits do not stop a stranger."""
    db.execute("update plumb.rate_limits set requests_max = 1000000")
    db.execute("select plumb.change_setting('report_requests_max', '1000')")
    db.execute("insert into customers (customer_id, name) values (7, 'Ada')")
    db.execute(
        "insert into sales (sale_id, invoice_no, customer_id, total) values (42, 'I-42', 7, 25)"
    )
    db.execute("select plumb.check_invariants()")
    with running(db.info.dsn, tmp_path / "log") as service:
        yield service


@pytest.mark.parametrize(
    ("seconds", "examples"), [(20, 3), pytest.param(120, 30, marks=pytest.mark.slow)]
)
def test_whatever_is_sent_the_answer_is_as_described(open_service, tmp_path, seconds, examples):
    checks = "not_a_server_error,status_code_conformance,content_type_conformance"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", str(examples)),
            *("--checks", f"{checks},response_schema_conformance", "--seed", "1"),
            *("--max-time", str(seconds), "--exclude-path", SWITCH, "--warnings", "off"),
            f"{open_service.url}/openapi.json",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=seconds * 4,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    with psycopg.connect(open_service.database_url) as connection:
        assert connection.execute("select mode from plumb.system_mode").fetchone() == ("normal",)
