"""Adds to the site what pages of docs/ link to and what lies outside: README, licence, examples."""

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Where they stand on the site; README.md would be taken for the first page of its folder.
FOLDER = "repository"
LINK = re.compile(r"(?<=\]\()([^)#\s]+)(?=[)#])")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add each file outside of docs/ that a page links to, and what those link to in turn."""
    icon = (ROOT / "api/pages/assets/icon.svg").read_bytes()
    files.append(File.generated(config, "icon.svg", content=icon))
    pending = [file.src_uri for file in files.documentation_pages()]
    for name in pending:
        page = DOCS / name if (DOCS / name).exists() else ROOT / _inside(name)
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            path = (page.parent / target).resolve()
            if not path.is_file() or path.is_relative_to(DOCS) or not path.is_relative_to(ROOT):
                continue
            place = _place(path)
            if files.get_file_from_path(place) is None:
                added = File.generated(config, place, content=path.read_bytes())
                files.append(added)
                if added.is_documentation_page():
                    pending.append(place)
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Point links at where the site has what they name."""
    name = page.file.src_uri
    source = ROOT / _inside(name) if page.file.generated_by else DOCS / name

    def moved(match: re.Match[str]) -> str:
        path = (source.parent / match[1]).resolve()
        if not path.is_file() or not path.is_relative_to(ROOT):
            return match[1]
        place = path.relative_to(DOCS) if path.is_relative_to(DOCS) else Path(_place(path))
        return os.path.relpath(place, Path(name).parent)

    return LINK.sub(moved, markdown)


def _place(path: Path) -> str:
    inside = path.relative_to(ROOT).as_posix()
    return f"{FOLDER}/{inside.replace('README', 'readme')}"


def _inside(name: str) -> str:
    return name.removeprefix(f"{FOLDER}/").replace("readme", "README")
