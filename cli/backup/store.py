"""Backups as directories: one per backup, complete under its final name or not there at all.

`NAME/` holds the dump, `manifest.json` and `SHA256SUMS`, which `sha256sum -c` reads. While it
grows it is called `.NAME.partial`, and nothing takes that for a backup.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import PlumbError

FORMAT = 2
# 1 counted a table's rows together with those of the tables that inherit from it.
FORMATS = (1, 2)
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
CHUNK_BYTES = 1024 * 1024
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}")


@dataclass(frozen=True)
class Backup:
    """One published backup.

    Args:
        path: Its directory.
    """

    path: Path

    @property
    def name(self) -> str:
        """The name under which the database knows it."""
        return self.path.name

    def manifest(self) -> dict[str, Any]:
        """Read its manifest.

        Raises:
            ValueError: There is none, or it is not what a manifest is; the message says which.
        """
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(f"its manifest cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise ValueError(f"its manifest is damaged: {error}") from error
        if not isinstance(manifest, dict) or manifest.get("format") not in FORMATS:
            raise ValueError(f"its manifest is of none of the formats {FORMATS}")
        return manifest


def find(directory: Path, name: str | None = None) -> Backup:
    """Return a backup by its name, or the newest one.

    Args:
        directory: BACKUP_DIR.
        name: The backup's name; the newest by name's time when absent.

    Raises:
        PlumbError: It is not there.
    """
    if name is not None:
        if not NAME.fullmatch(name) or not (directory / name).is_dir():
            raise PlumbError(f"there is no backup {name} in {directory}", "./plumb backup list")
        return Backup(directory / name)
    backups = published(directory)
    if not backups:
        raise PlumbError(f"there is no backup in {directory}", "./plumb backup run makes one.")
    return backups[-1]


def published(directory: Path) -> list[Backup]:
    """Return what is published in a directory, oldest first."""
    found = [path for path in _entries(directory) if (path / MANIFEST).is_file()]
    return [Backup(path) for path in sorted(found, key=lambda p: p.stat().st_mtime)]


def partial_path(directory: Path, name: str) -> Path:
    """Return the directory in which a backup grows."""
    return directory / f".{name}.partial"


def remove_leftovers(directory: Path) -> list[str]:
    """Remove what killed runs left; the caller holds the lock of all runs.

    Returns:
        The names of what was removed.
    """
    leftovers = [path for path in directory.glob(".*.partial") if path.is_dir()]
    for path in leftovers:
        shutil.rmtree(path)
    return [path.name for path in leftovers]


def publish(directory: Path, name: str, manifest: dict[str, Any]) -> Backup:
    """Write a backup's manifest and give the whole its final name, durably.

    Args:
        directory: BACKUP_DIR.
        name: The backup's name.
        manifest: What it says about itself.
    """
    partial = partial_path(directory, name)
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    _write(partial / MANIFEST, text)
    manifest_sum = hashlib.sha256(text.encode()).hexdigest()
    sums = f"{manifest['sha256']}  {manifest['file']}\n{manifest_sum}  {MANIFEST}\n"
    if "rolesFile" in manifest:
        sums += f"{digest(partial / manifest['rolesFile'])[0]}  {manifest['rolesFile']}\n"
    _write(partial / SUMS, sums)
    _give_to_owner_of(directory, partial)
    _sync_directory(partial)
    final = directory / name
    partial.rename(final)
    _sync_directory(directory)
    return Backup(final)


def digest(path: Path) -> tuple[str, int]:
    """Return a file's SHA-256 and its size in bytes."""
    hasher = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            hasher.update(chunk)
            size += len(chunk)
    return hasher.hexdigest(), size


def check_space(directory: Path, needed_bytes: int, reserve_bytes: int) -> None:
    """Refuse to begin what the disk cannot hold.

    Raises:
        PlumbError: There is too little room.
    """
    free = shutil.disk_usage(directory).free
    if free < needed_bytes + reserve_bytes:
        raise PlumbError(
            f"{directory} has {free} bytes free; a backup needs about {needed_bytes}"
            f" and must leave {reserve_bytes}",
            "Make room, or lower the settings backup_keep_count or backup_free_bytes_min.",
        )


def _entries(directory: Path) -> Iterator[Path]:
    if directory.is_dir():
        yield from (path for path in directory.iterdir() if NAME.fullmatch(path.name))


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_to_owner_of(directory: Path, partial: Path) -> None:
    """Let root's backups belong to whom the directory belongs, whose daily job prunes them."""
    if os.geteuid() == 0:
        owner = directory.stat()
        for path in (partial, *partial.iterdir()):
            os.chown(path, owner.st_uid, owner.st_gid)
