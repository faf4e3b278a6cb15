"""A real Postgres in a temporary folder: started by tests, killed, frozen, started again."""

import atexit
import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

import psycopg
from tests.support.processes import stand_still
from tests.support.servers.ports import mine

SERVICES = ("intake", "diagnosis", "treatment")
SERVICE_SQL = Path(__file__).parents[3] / "deploy" / "postgres" / "service.psql"
START_SECONDS = 30.0

INSTALLED = Path("/usr/lib/postgresql")
LEAST = 15
HINT = (
    f"the programs of PostgreSQL {LEAST} or newer are needed, and {{found}}: on Debian, "
    "`apt-get install postgresql` brings them (no running server is needed)"
)


class MissingServer(Exception):
    """The programs of the server are not installed here, or too old."""


class PostgresServer:
    """One server on a port of its own; everything of it is gone after `stop`."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.port = free_port()
        self.password = secrets.token_urlsafe(18)
        self.settings = dict(settings or {})
        self._bin = binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    def start(self, prepare: Callable[[Path], object] = lambda _data: None) -> Self:
        """Start it, and return when it answers; `prepare` may put files into its data folder."""
        self._make()
        data = self.folder / "data"
        prepare(data)
        for path in data.glob("server.*"):  # it reads its key only if it alone can
            path.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(path, "postgres", "postgres")
        return self._run()

    def url(self, database: str) -> str:
        """Return the URL at which the role that owns a database reaches it."""
        return f"postgresql+psycopg://{database}:{self.password}@127.0.0.1:{self.port}/{database}"

    def fresh_databases(self, prefix: str, services: Iterable[str] = SERVICES) -> dict[str, str]:
        """Make a role and an empty database for each service; returns their URLs."""
        names = {service: f"{prefix}_{service}" for service in services}
        for name in names.values():
            self._make_service(name)
        return {service: self.url(name) for service, name in names.items()}

    def fresh_database(self, name: str) -> str:
        """Make one role and one empty database of this name; returns its URL."""
        self._make_service(name)
        return self.url(name)

    def drop(self, *names: str) -> None:
        """Remove databases and their roles, whoever is connected."""
        for name in names:
            self.admin(f'DROP DATABASE "{name}" WITH (FORCE)')
            self.admin(f'DROP ROLE "{name}"')

    def admin(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run one statement as the superuser; returns its rows, if it has any."""
        with self._connect(database) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def kill(self) -> None:
        """Kill it and everything that it started, with SIGKILL."""
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.communicate()
        if self._process is None or self._process.poll() is not None:
            return
        stand_still(self._process.pid)  # so that it starts nothing meanwhile
        children = _children(self._process.pid)
        self._signal(signal.SIGKILL)
        self._process.wait()
        deadline = time.monotonic() + START_SECONDS
        while any(map(_is_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def restart(self) -> None:
        """Start it again after `kill`, on the same data and port; waits until it answers."""
        self._run()

    def freeze(self) -> None:
        """Stop it in its tracks: connections stay open, nothing answers."""
        if self._process is not None and self._process.poll() is None:
            stand_still(self._process.pid)
            stand_still(*_children(self._process.pid))

    def thaw(self) -> None:
        """Let it go on after `freeze`."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Stop it and remove its data."""
        atexit.unregister(self.stop)
        if self._process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        atexit.register(self.stop)
        options = ("--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions")
        options += ("--encoding=UTF8", "--locale=C")
        self._call("initdb", "-D", str(self.folder / "data"), "-U", "postgres", *options)

    def _run(self) -> Self:
        printed = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "shared_buffers": "64MB",
        } | self.settings
        arguments = [part for name, value in printed.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._bin / "postgres"), "-D", str(self.folder / "data"), *arguments]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, cwd="/", **_user()
            )
        self._watcher = self._watched(self._process.pid)
        self._wait()
        return self

    def _watched(self, pid: int) -> subprocess.Popen[bytes]:
        """End the server when we end, however we end: then the pipe to its watcher closes."""
        script = 'read -r _; kill -KILL "$1"; sleep 1; rm -rf "$2"'
        command = ["/bin/sh", "-c", script, "watcher", str(pid), str(self.folder)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd="/")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect("postgres").close()
            except psycopg.OperationalError:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise RuntimeError(f"Postgres did not start: {self.log()[-2_000:]}") from None
                time.sleep(0.02)
            else:
                return

    def log(self) -> str:
        """Return what it has said so far."""
        return (self.folder / "log").read_text(errors="replace")

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.folder), port=self.port, user="postgres", dbname=database, autocommit=True
        )

    def _make_service(self, name: str) -> None:
        place = ("-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-d", "postgres")
        what = ("--set", f"name={name}", "--file", str(SERVICE_SQL))
        self._call("psql", "--no-psqlrc", "--quiet", *place, *what)

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=os.environ | {"DATABASE_PASSWORD": self.password, "LC_ALL": "C"},
            **_user(),
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            for pid in (self._process.pid, *_children(self._process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)


@cache
def binaries() -> Path:
    """Return the folder that holds the newest server programs."""
    found = sorted(
        INSTALLED.glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    anywhere = shutil.which("initdb")
    if not found and not anywhere:
        raise MissingServer(HINT.format(found="there are none"))
    folder = (found[-1] if found else Path(str(anywhere))).parent
    _require_new_enough(folder / "initdb")
    return folder


def _require_new_enough(program: Path) -> None:
    printed = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\(PostgreSQL\) (\d+)", printed.stdout)
    if version is None or int(version[1]) < LEAST:
        raise MissingServer(HINT.format(found=f"{program} is another: {printed.stdout.strip()}"))


def free_port() -> int:
    """Return a port of ours that nobody listens on."""
    while True:
        port = secrets.choice(mine())
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def _children(pid: int) -> list[int]:
    """Each process of the server has a session of its own, so no signal reaches all of them."""
    with contextlib.suppress(FileNotFoundError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(number) for number in text.split()]
    return []


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _user() -> dict[str, Any]:
    """Postgres refuses to run as root; then it runs as the user that its package made."""
    return (
        {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    )
