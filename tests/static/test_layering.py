"""Who may import whom: core/ is the ground floor, and no two modules import each other."""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What stands on what; a folder may always import from itself.
MAY_IMPORT = {
    "core": set(),
    "migrations": {"core"},
    "api": {"core"},
    "bench": {"core", "api"},
    "cli": {"core", "bench"},
    "db": set(),
}
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in MAY_IMPORT
    for path in (ROOT / folder).rglob("*.py")
}


def imported_by(module: str) -> Iterator[str]:
    """Yield the modules of ours that a module imports, at its top or inside a function."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        name = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            name = ".".join([*above, *filter(None, [name])])
        elif name == "plumbline" or name.startswith("plumbline."):
            name = name.removeprefix("plumbline").removeprefix(".")
        else:
            continue
        for alias in node.names:
            submodule = f"{name}.{alias.name}".removeprefix(".")
            yield submodule if submodule in FILES else name


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_from_what_it_stands_on(folder):
    foreign = {
        f"{module} imports {other}"
        for module in FILES
        if module.partition(".")[0] == folder
        for other in imported_by(module)
        if other.partition(".")[0] not in MAY_IMPORT[folder] | {folder}
    }

    assert foreign == set()


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_uses_each_permission(folder):
    used = {
        other.partition(".")[0]
        for module in FILES
        if module.partition(".")[0] == folder
        for other in imported_by(module)
    }

    assert MAY_IMPORT[folder] - used == set()


def test_no_two_modules_import_each_other():
    graph = {module: {*imported_by(module)} - {module} for module in FILES}

    try:
        circle = []
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]

    assert circle == []


def test_inside_a_folder_imports_are_relative():
    # Tools resolve those by path; the installation's import hook they do not see. Alembic loads
    # migrations by path, outside any package.
    absolute = [
        f"{module}: {node.module}"
        for module, path in FILES.items()
        if not module.startswith("migrations")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("plumbline")
    ]

    assert absolute == []


def test_no_test_imports_from_another():
    # What two of them need is in a module of its own, or a fixture of the folder.
    imported = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in (ROOT / "tests").rglob("*.py")
        for line in re.findall(r"^(?:from|import) test_\w+", path.read_text(), re.M)
    ]

    assert imported == []
