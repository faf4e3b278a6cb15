"""`backmice backup` and `restore`: every database at one and the same moment, in one archive."""

import io
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, Final

from backmice.data_directory import DataDirectory, DirectoryInUse

MAGIC: Final = b"SQLite format 3\x00"
PATIENCE_S: Final = 10.0
LEFT_OUT: Final = frozenset({"logs", "run", "lock", "run.json"})


class ArchiveUnusable(Exception):
    """The archive cannot be read or written; the sentence says why."""


def backup(folder: DataDirectory, archive: Path) -> int:
    """Writes an archive, while the system runs or not.

    For a moment no database accepts a write; what is copied in that moment is what a sudden stop
    of all processes would have left, and from that the system recovers by itself.

    Raises:
        ArchiveUnusable: It cannot be written there.
    """
    began = time.monotonic()
    databases = list(_databases(folder.root))
    with ExitStack() as moment, tempfile.TemporaryDirectory(dir=folder.root) as draft:
        connections = [moment.enter_context(_standing_still(path)) for path in databases]
        copies = [Path(draft) / str(number) for number in range(len(databases))]
        for copy, connection in zip(copies, connections, strict=True):
            _copy(connection, copy)
        moment.pop_all().close()  # writing goes on; packing takes longer than copying
        _pack(folder, archive, dict(zip(databases, copies, strict=True)))
    print(f"backmice: {len(databases)} databases in {archive} ({time.monotonic() - began:.1f} s)")
    return 0


def restore(folder: DataDirectory, archive: Path) -> int:
    """Unpacks an archive into an empty data folder that nothing runs in.

    Raises:
        DirectoryInUse: Something runs there, or there are data already.
        ArchiveUnusable: It is not there, or it is no archive of ours.
    """
    folder.lock(patience_s=0.0)
    if present := list(_databases(folder.root)):
        raise DirectoryInUse(
            f"{folder.root} already holds {len(present)} databases; set DATA= to an empty one"
        )
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder.root, filter="data")
    except FileNotFoundError:
        raise ArchiveUnusable(f"there is no {archive}") from None
    except tarfile.ReadError:
        raise ArchiveUnusable(f"{archive} is not an archive that a backup wrote") from None
    print(f"backmice: restored into {folder.root}; start it with: make run DATA={folder.root}")
    return 0


def _databases(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and _begins_like_one(path):
            yield path


def _begins_like_one(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


@contextmanager
def _standing_still(path: Path) -> Iterator[sqlite3.Connection]:
    """Holds the write lock of a database."""
    with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("ROLLBACK")


def _copy(holder: sqlite3.Connection, copy: Path) -> None:
    """Copies a database whose write lock is held, through a second connection that only reads."""
    name = holder.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    with (
        closing(sqlite3.connect(f"file:{name}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


def _pack(folder: DataDirectory, archive: Path, databases: dict[Path, Path]) -> None:
    fresh = archive.with_name(archive.name + ".new")
    with _written(fresh) as file:
        fresh.chmod(0o600)  # it holds keys
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as packed:
            for original, copy in databases.items():
                packed.add(copy, str(original.relative_to(folder.root)))
            for path in _other_files(folder.root, databases):
                packed.addfile(_described(folder.root, path), io.BytesIO(path.read_bytes()))
    fresh.replace(archive)


def _written(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        raise ArchiveUnusable(f"{path.parent} cannot be written to: {error.strerror}") from None


def _other_files(root: Path, databases: dict[Path, Path]) -> Iterator[Path]:
    """Keys, and whatever else is a plain file that lasts."""
    drafts = {copy.parent for copy in databases.values()}
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        passing = LEFT_OUT & set(inside) or path.name.endswith(("-wal", "-shm", ".new"))
        if path.is_file() and path not in databases and not passing and path.parent not in drafts:
            yield path


def _described(root: Path, path: Path) -> tarfile.TarInfo:
    info = tarfile.TarInfo(str(path.relative_to(root)))
    info.size, info.mode, info.mtime = path.stat().st_size, 0o600, int(path.stat().st_mtime)
    return info
