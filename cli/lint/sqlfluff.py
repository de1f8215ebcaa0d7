"""sqlfluff over every SQL file; a file that was clean is read again only once it has changed.

Reading all of them takes a minute, and most changes touch a few.
"""

import hashlib
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

# The other files of bench/ are scripts of pgbench.
PLACES = ("db", "migrations", "cli", "core", "bench/stock.sql", "bench/history.sql")
CACHE = ".sqlfluff_cache"


def findings(root: Path) -> list[str]:
    """Return what sqlfluff finds.

    Args:
        root: The checkout.
    """
    tool = f"{metadata.version('sqlfluff')}\n{(root / 'pyproject.toml').read_text()}"
    digests = {
        path: hashlib.sha256(f"{tool}\n{path.read_text()}".encode()).hexdigest()
        for path in sql_files(root)
    }
    cache = root / CACHE
    clean = set(cache.read_text().split()) if cache.exists() else set()
    changed = [path for path, digest in digests.items() if digest not in clean]
    found = _lint(root, changed) if changed else {}
    cache.write_text("\n".join(digest for path, digest in digests.items() if path not in found))
    return [line for lines in found.values() for line in lines]


def sql_files(root: Path) -> list[Path]:
    """Return every file that sqlfluff reads, in order.

    Args:
        root: The checkout.
    """
    places = [root / place for place in PLACES]
    return sorted(
        path
        for place in places
        for path in ([place] if place.suffix == ".sql" else place.rglob("*.sql"))
    )


def fix(root: Path) -> None:
    """Rewrite what sqlfluff can rewrite.

    Args:
        root: The checkout.
    """
    program = Path(sys.executable).with_name("sqlfluff")
    subprocess.run([program, "fix", "--quiet", *sql_files(root)], cwd=root, check=False)


def _lint(root: Path, paths: list[Path]) -> dict[Path, list[str]]:
    """Return the findings of each file that has some."""
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("sqlfluff"), "lint"),
            *("--format", "json", "--processes", "0"),
            *paths,
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        reports = json.loads(done.stdout)
    except ValueError:
        said = f"sqlfluff ended with {done.returncode}: {done.stderr}"
        return {path: [said] for path in paths}
    return {
        root / report["filepath"]: [
            f"{(root / report['filepath']).relative_to(root)}:{violation['start_line_no']}:"
            f" {violation['code']} {violation['description']}"
            for violation in report["violations"]
        ]
        for report in reports
        if report["violations"]
    }
