"""docs/reference holds what `./plumb reference` writes from catalog and code, and nothing else."""

from pathlib import Path

from plumbline.cli.reference import pages

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def test_every_page_is_current_and_none_is_left_over(db):
    written = pages(db)

    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    # Names first: a page's text as a difference says nothing about a page that is missing.
    assert kept.keys() == written.keys()
    for name, text in written.items():
        assert kept[name] == text, f"docs/reference/{name} is not current: run ./plumb reference"
