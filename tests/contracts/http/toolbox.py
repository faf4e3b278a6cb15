"""The tools of strangers: a generator of clients, linters, a compiler; each fetched once, by lock.

They are kept between runs where the servers of the tests are kept, each under the digest of its
lock, whole or not at all.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from tests.support.servers import jars
from tests.support.servers.jars import Missing

HERE = Path(__file__).parent
GENERATOR = "org.openapitools:openapi-generator-cli:7.25.0"
GENERATOR_SHA256 = "41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae"
MAVEN_HINT = (
    "The generator of clients is fetched once by Maven, and there is no `mvn` on the PATH; "
    "on Debian: apt-get install maven"
)
NODE_HINT = (
    "The linters and the TypeScript compiler run on Node.js 20.19 or newer, and there is no "
    "`{name}` on the PATH; on Debian: apt-get install nodejs npm, or see https://nodejs.org"
)


def run(command: list[str | Path], folder: Path | None = None) -> str:
    """Runs a tool; returns what it printed, and fails with all of it."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} failed:\n{(done.stdout + done.stderr)[-6000:]}"
    return done.stdout


def generate(language: str, description: Path, folder: Path) -> None:
    """Generates a client for `backmice_client` from an API description."""
    options = ["-g", language, "-i", description, "-o", folder]
    named = "packageName=backmice_client"
    jar = generator()
    run([jars.java(), "-jar", jar, "generate", *options, "--additional-properties", named])


def generator() -> Path:
    """The jar of openapi-generator, with the digest that we know."""
    _, name, version = GENERATOR.split(":")
    folder = _once(f"{name}-{version}", _fetch_generator)
    (jar,) = folder.glob("*.jar")
    digest = hashlib.sha256(jar.read_bytes()).hexdigest()
    assert digest == GENERATOR_SHA256, f"{jar} is not the file that was checked: {digest}"
    return jar


def _fetch_generator(folder: Path) -> None:
    maven = jars.program("mvn", MAVEN_HINT)
    copy = ["dependency:copy", f"-Dartifact={GENERATOR}", f"-DoutputDirectory={folder}"]
    _insist([maven, "-q", "-B", *copy])


def node() -> str:
    """Where Node.js is."""
    return jars.program("node", NODE_HINT.format(name="node"))


def node_program(name: str) -> Path:
    """Where a program of the npm packages is."""
    digest = _digest(HERE / "package-lock.json")
    return _once(f"npm-{digest}", _install_packages) / "node_modules" / ".bin" / name


def _install_packages(folder: Path) -> None:
    npm = jars.program("npm", NODE_HINT.format(name="npm"))
    for file in ("package.json", "package-lock.json"):
        shutil.copy(HERE / file, folder)
    _insist([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)


def client_python() -> Path:
    """A Python with what generated clients import, and with nothing of ours."""
    digest = _digest(HERE / "requirements.lock", sys.version)
    return _once(f"client-python-{digest}", _make_environment) / "bin" / "python"


def _make_environment(folder: Path) -> None:
    run([sys.executable, "-m", "venv", folder])
    lock = HERE / "requirements.lock"
    install = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]
    _insist([folder / "bin" / "python", "-m", "pip", *install])


def _digest(file: Path, more: str = "") -> str:
    return hashlib.sha256(file.read_bytes() + more.encode()).hexdigest()[:12]


def _once(name: str, fill: Callable[[Path], None]) -> Path:
    """Returns a folder that is filled if it is not there yet, by one process at a time."""
    home = jars.kept()
    folder = home / name
    if not folder.is_dir():
        with jars._alone(home):
            if not folder.is_dir():
                making = Path(mkdtemp(prefix="making-", dir=home))
                try:
                    fill(making)
                except BaseException:
                    shutil.rmtree(making)
                    raise
                making.rename(folder)
    return folder


def _insist(command: list[str | Path], folder: Path | None = None) -> None:
    """Fetches again if it fails, for registries are not always there; the last error stands."""
    for _ in range(jars.MOST_TRIALS):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
    raise Missing(f"{command[0]} could not fetch it:\n{(done.stdout + done.stderr)[-2000:]}")
