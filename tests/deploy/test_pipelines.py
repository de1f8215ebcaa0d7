"""What people copy works: the pipelines in deploy/, the commands and the SQL in the docs."""

import argparse
import re
import shlex
from pathlib import Path

import pytest
import yaml
from plumbline.cli import deploy
from plumbline.cli.deploy import gate

ROOT = Path(__file__).parents[2]
EXAMPLES = [
    *(ROOT / "deploy").glob("g*.yml"),
    ROOT / "docs/deploy.md",
    ROOT / "docs/runbooks/deployment.md",
    ROOT / "README.md",
]


def commands_in(path):
    """Return what follows `plumb gate` and `plumb deploy` in a file, each as one line."""
    text = re.sub(r"\\\n\s*|\n\s+(?=--)", " ", path.read_text(encoding="utf-8"))
    return re.findall(r"plumb (gate|deploy) (--[^\n`]*)", text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_a_command_that_is_taken(path):
    found = commands_in(path)
    assert found != []

    for name, line in found:
        parser = argparse.ArgumentParser(exit_on_error=False)
        module = {"gate": gate, "deploy": deploy}[name]
        module.add_arguments(parser)
        arguments = parser.parse_args(shlex.split(line, comments=True))
        if name == "deploy":
            deploy._check_usage(arguments)


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_a_pipeline_is_yaml_with_a_gate_before_it_deploys(name):
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")

    assert yaml.safe_load(text)
    assert text.index("plumb gate") < text.index("plumb deploy")


def test_the_runbooks_sql_runs(watched):
    text = (ROOT / "docs/runbooks/deployment.md").read_text(encoding="utf-8")

    for statement in re.search(r"```sql\n(.*?)```", text, re.DOTALL)[1].split(";\n"):
        if statement.strip():
            assert watched.db.execute(statement).description
