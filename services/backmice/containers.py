"""What the containers of docker-compose.yml need from outside: secrets, and a word at the end."""

import os
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from backmice.command_runners import SECRETS
from backmice.data_directory import DataDirectory, write_private
from backmice.tokens import SCOPES, mint
from backmice.topology import REPOSITORY, SERVICES

_PASSWORD_BYTES: Final = 32
_READABLE: Final = 0o444
"""In the container another user reads the file; on this machine the folder keeps others out."""


def make_secrets(folder: DataDirectory, environment: Path | None = None) -> list[Path]:
    """Makes each password and the key pair that is missing; never touches one that is there.

    Args:
        folder: Where they are; nobody but its owner may enter it.
        environment: The file in which Compose looks for the folder's name; `.env` beside the
            compose file unless a test says otherwise.

    Returns:
        What was made.
    """
    folder.root.chmod(0o700)
    databases = folder.root / "databases"
    databases.mkdir(mode=0o700, exist_ok=True)
    wanted = [databases / name for name in ("postgres", *SERVICES)]
    made = [path for path in wanted if not path.exists()]
    for path in made:
        write_private(path, token_urlsafe(_PASSWORD_BYTES).encode())
        path.chmod(_READABLE)
    if not folder.jwks.exists():
        _new_token(folder)  # the first token brings its key pair
        made.append(folder.jwks)
    folder.jwks.chmod(_READABLE)
    if environment or not os.environ.get(SECRETS):  # who has said it already needs no file
        _tell_compose(folder, environment or REPOSITORY / ".env")
    return made


def announce(folder: DataDirectory, address: str) -> None:
    """Prints where the running containers are reached, with a token; notes it for `demo`."""
    # without a token: containers run longer than one is good for, so `demo` makes its own
    folder.write_state({"address": address})
    print(_WELCOME.format(address=address, token=_new_token(folder)))


def _new_token(folder: DataDirectory) -> str:
    return mint(folder, "demo", "demo-client", SCOPES, hours=12.0)


def _tell_compose(folder: DataDirectory, environment: Path) -> None:
    """Names the folder in the file that Compose reads; other lines in it stay."""
    home = environment.parent
    inside = folder.root.is_relative_to(home)
    named = f"./{folder.root.relative_to(home)}" if inside else str(folder.root)
    there = environment.read_text().splitlines() if environment.exists() else []
    kept = [line for line in there if not line.startswith(f"{SECRETS}=")]
    environment.write_text("\n".join([*kept, f"{SECRETS}={named}", ""]))


_WELCOME: Final = """
Backmice is ready at {address}, in containers (docker compose ps)

A token of the demo tenant, good for 12 hours:

  export TOKEN={token}

Try it: make demo. The interface is described at {address}/openapi.json.
make down stops everything; the data stay."""
