"""./plumb gate tells a person with a table, and a pipeline with its exit code and two files."""

import json
import xml.etree.ElementTree as ET

import pytest
from plumbline.cli.__main__ import main


@pytest.fixture
def gate(db, monkeypatch, tmp_path):
    """Return a function that runs the command, with a report of that many lines in a hundred."""
    monkeypatch.setenv("DATABASE_URL", db.info.dsn + f" password={db.info.password}")
    report = tmp_path / "coverage.json"

    def run(*arguments, covered=None, name="v1"):
        if covered is not None:
            totals = {"covered_lines": covered, "num_statements": 100}
            report.write_text(json.dumps({"totals": totals}))
            arguments = ("--coverage", str(report), *arguments)
        return main(["gate", "--name", name, *arguments])

    return run


def test_it_passes_where_all_is_well(deployable, gate, capsys):
    assert gate(covered=90) == 0

    printed = capsys.readouterr().out
    assert printed.count(" pass ") == 6
    assert printed.endswith("v1 may be deployed.\n")


def test_it_fails_below_the_threshold(deployable, gate, capsys):
    assert gate(covered=84) == 1

    assert "must not be deployed" in capsys.readouterr().out


def test_what_nobody_measured_could_not_be_judged(deployable, gate):
    assert gate() == 2


def test_a_title_cannot_steer_the_terminal(deployable, gate, capsys):
    deployable.execute(
        "select plumb.open_incident('test', 'x', 'P1', E'a\\x1b[2Jb\\nv1 may be deployed.')"
    )

    assert gate(covered=90) == 1

    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert printed.count("\n") == 8


def test_a_failure_weighs_more_than_doubt(deployable, gate):
    deployable.execute("select plumb.open_incident('test', 'x', 'P1', 'broken')")

    assert gate() == 1


def test_a_pipeline_reads_the_reports(deployable, gate, tmp_path):
    deployable.execute(
        "select plumb.open_incident('test', 'x', 'P1', %s)", ['<b> & "quotes" \x1b[31m]]>']
    )

    assert gate("--junit", str(tmp_path / "g.xml"), "--json", str(tmp_path / "g.json")) == 1

    suite = ET.parse(tmp_path / "g.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("6", "1", "1")
    assert '<b> & "quotes"' in suite.find("testcase/failure").get("message")
    report = json.loads((tmp_path / "g.json").read_text())
    assert report["verdict"] == "fail"
    assert [g["status"] for g in report["gates"]].count("pass") == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ["--coverage", "/nonexistent/coverage.xml"],
        ["--json", "/nonexistent/gate.json"],
        ["--junit", "/"],
    ],
)
def test_a_file_that_cannot_be_used_is_named(deployable, gate, capsys, arguments):
    assert gate(*arguments) == 2

    assert arguments[1] in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\nb", "\udcff"])
def test_a_bad_name_judges_nothing(deployable, gate, capsys, name):
    assert gate(covered=90, name=name) == 2

    assert "plumb: " in capsys.readouterr().err


def test_without_a_database_nothing_is_judged(gate, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost:1/none")

    assert gate(covered=90) == 2

    assert "connection" in capsys.readouterr().err


def test_an_empty_database_is_told_apart(gate, db, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", f"{db.info.dsn} password={db.info.password} dbname=postgres")

    assert gate(covered=90) == 2

    assert "./plumb migrate" in capsys.readouterr().err
