"""Kafka's jars: copied once by Maven into a cache, whole or not at all."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

POM = Path(__file__).parents[3] / "deploy" / "kafka" / "pom.xml"
VERSION = re.search(r"<kafka.version>(.+?)</kafka.version>", POM.read_text())[1]

JAVA_LEAST = 17
JAVA_HINT = (
    f"Kafka needs a Java runtime {JAVA_LEAST} or newer, and {{found}}; "
    "on Debian: apt-get install openjdk-17-jre-headless"
)
MAVEN_HINT = (
    "Kafka's jars are fetched once by Maven, and there is no `mvn` on the PATH; "
    "on Debian: apt-get install maven"
)
MOST_TRIALS = 3


class Missing(Exception):
    """Something that the servers need is not there; the sentence says how to get it."""


def program(name: str, hint: str) -> str:
    """Where a program is."""
    found = shutil.which(name)
    if found is None:
        raise Missing(hint)
    return found


@cache
def java() -> str:
    """Where a Java is that is new enough."""
    found = program("java", JAVA_HINT.format(found="there is no `java` on the PATH"))
    printed = subprocess.run(
        [found, "-version"], capture_output=True, text=True, check=False
    ).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', printed)
    if version is None or int(version[1]) < JAVA_LEAST:
        first = (printed.splitlines() or ["silent"])[0]
        raise Missing(JAVA_HINT.format(found=f"{found} is another: {first}"))
    return found


def kept() -> Path:
    """Where servers are kept between runs."""
    chosen = os.environ.get("BACKMICE_SERVERS")
    return Path(chosen) if chosen else Path.home() / ".cache" / "backmice-servers"


def classpath() -> str:
    """Kafka's jars, fetched if they are not here yet."""
    jars = kept() / f"kafka-{VERSION}"
    if not jars.is_dir():
        with _alone(kept()):
            if not jars.is_dir():
                _fetch(jars)
    return f"{jars}/*"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(jars: Path) -> None:
    maven = program("mvn", MAVEN_HINT)
    making = Path(mkdtemp(prefix="making-", dir=jars.parent))
    copy = ("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={making}")
    done = _insist([maven, "-q", "-B", "-f", str(POM), *copy])
    if done.returncode:
        shutil.rmtree(making)
        raise Missing(
            f"Maven could not fetch Kafka {VERSION}:\n{(done.stdout + done.stderr)[-2000:]}"
        )
    making.chmod(0o755)
    making.rename(jars)


def _insist(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run Maven again if it fails, for it goes on where it broke off; the last error stands."""
    for _ in range(MOST_TRIALS):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not done.returncode:
            break
    return done
