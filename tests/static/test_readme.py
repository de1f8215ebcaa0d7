"""The README names everything there is, so that nothing has to be found by reading code."""

from pathlib import Path

import pytest
from plumbline.cli.__main__ import COMMANDS
from plumbline.cli.demo import INVARIANTS
from plumbline.core.config import VARIABLES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        *INVARIANTS,
        *COMMANDS,
        *(variable.name for variable in VARIABLES),
        *(path.stem for path in (ROOT / "db" / "views").glob("*.sql")),
    ],
)
def test_the_readme_names_it(name):
    assert f"`{name}`" in README


def test_every_relative_link_leads_somewhere():
    targets = [part.split(")")[0] for part in README.split("](")[1:]]

    assert [target for target in targets if "://" not in target] != []
    assert all(
        (ROOT / target.partition("#")[0]).exists() for target in targets if "://" not in target
    )
