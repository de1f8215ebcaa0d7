"""Which statements ran while the tests did: Python's by coverage.py, PL/pgSQL's by plpgsql_check.

Both go into one Cobertura file, so that `plumb gate --coverage` judges them together.
"""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

# The share of statements that must run, of Python and of PL/pgSQL alike.
PERCENT_MIN = 90
# The profile of a function lives in shared memory, so that it counts in whatever session it runs.
SERVER_SETTINGS = {
    "shared_preload_libraries": "plpgsql,plpgsql_check",
    "plpgsql_check.profiler": "on",
    "plpgsql_check.profiler_max_shared_chunks": "50000",
}
# What is counted. Copies of other versions, which tests of upgrades run, are not.
FOLDERS = ("api", "bench", "cli", "core", "migrations")
# What no test can run, each with its reason.
EXCEPTIONS: dict[str, str] = {
    "bench/*": "measures and judges nothing; its tests are slow ones",
    "cli/test/*": "starts the tests, before anything is counted",
    "migrations/versions/*": "run SQL files",
}
CONFIGURATION = """\
[run]
source_pkgs = plumbline
parallel = true
sigterm = true
patch =
    _exit
    execv
    subprocess
data_file = {folder}/python
disable_warnings =
    module-not-imported
    no-data-collected
[report]
include =
{included}
omit =
{omitted}
exclude_also =
    if TYPE_CHECKING:
"""


def environment(folder: Path) -> Mapping[str, str]:
    """Return the variables that let the tests count; see tests/sql_coverage.py.

    Args:
        folder: Where each process writes what it counted.
    """
    configuration = folder / "coveragerc"
    root = Path.cwd()
    configuration.write_text(
        CONFIGURATION.format(
            folder=folder,
            included="\n".join(f"    {root / name}/*" for name in FOLDERS),
            omitted="\n".join(f"    {root / pattern}" for pattern in EXCEPTIONS),
        ),
        "utf-8",
    )
    return {
        "COVERAGE_PROCESS_START": str(configuration),
        "COVERAGE_RCFILE": str(configuration),
        "PLUMB_SQL_COVERAGE": str(folder),
    }


def write_report(folder: Path, report: Path) -> bool:
    """Write what ran as Cobertura XML and say how much it was.

    Args:
        folder: What environment() was given.
        report: The file to write.

    Returns:
        Whether enough statements ran, of Python and of PL/pgSQL.
    """
    rc_file = f"--rcfile={folder / 'coveragerc'}"
    for arguments in (
        ("combine", "--quiet", rc_file),
        ("xml", "--quiet", rc_file, "-o", str(report)),
    ):
        subprocess.run([sys.executable, "-m", "coverage", *arguments], check=True)
    root = ElementTree.parse(report).getroot()
    python = _counts(root)
    _add_functions(root, _executed(folder))
    total = _counts(root)
    for name, value in (("lines-covered", total[0]), ("lines-valid", total[1])):
        root.set(name, str(value))
    root.set("line-rate", f"{total[0] / max(total[1], 1):.4f}")
    ElementTree.ElementTree(root).write(report, encoding="utf-8", xml_declaration=True)
    functions = (total[0] - python[0], total[1] - python[1])
    shares = {"Python": _percent(*python), "PL/pgSQL": _percent(*functions)}
    for name, percent in shares.items():
        print(f"{name}: {percent:.1f} % of the statements ran", flush=True)
    return min(shares.values()) >= PERCENT_MIN


def _percent(covered: int, valid: int) -> float:
    return 100 * covered / valid if valid else 0.0


def _counts(root: ElementTree.Element) -> tuple[int, int]:
    hits = [line.get("hits") != "0" for line in root.iterfind(".//class/lines/line")]
    return sum(hits), len(hits)


def _executed(folder: Path) -> dict[str, dict[int, bool]]:
    """Return the lines of each function's body, and whether a statement on it ran."""
    lines: dict[str, dict[int, bool]] = defaultdict(dict)
    for path in folder.glob("sql-*.json"):
        for function, line, has_run in json.loads(path.read_text("utf-8")):
            lines[function][line] = lines[function].get(line, False) or has_run
    return lines


def _files() -> Iterator[tuple[str, Path, int]]:
    """Yield each PL/pgSQL function's name, its file, and the line on which its body begins."""
    pattern = re.compile(
        r"create or replace (?:function|procedure) (\S+?)\(.*?^as \$\$$", re.S | re.M
    )
    for path in sorted(Path("db").rglob("*.sql")):
        text = path.read_text("utf-8")
        for match in pattern.finditer(text):
            yield match[1], path, text.count("\n", 0, match.end()) + 1


def _add_functions(root: ElementTree.Element, executed: dict[str, dict[int, bool]]) -> None:
    packages = root.find("packages")
    assert packages is not None
    package = ElementTree.SubElement(packages, "package", name="db", complexity="0")
    classes = ElementTree.SubElement(package, "classes")
    for function, path, start in _files():
        if function not in executed:
            continue
        hits = executed[function]
        of_file = ElementTree.SubElement(
            classes, "class", name=function, filename=os.fspath(path), complexity="0"
        )
        of_file.set("line-rate", f"{sum(hits.values()) / len(hits):.4f}")
        ElementTree.SubElement(of_file, "methods")
        lines = ElementTree.SubElement(of_file, "lines")
        for line, has_run in sorted(hits.items()):
            ElementTree.SubElement(
                lines, "line", number=str(start + line - 1), hits=str(int(has_run))
            )
