"""Reads the environment, with a sentence that helps when something is missing."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class SettingsError(Exception):
    """The environment does not say what the process needs to know."""


def env_str(
    name: str, default: str | None = None, *, environ: Mapping[str, str] | None = None
) -> str:
    """Return an environment variable as text.

    Args:
        name: the variable.
        default: what to return when it is not set; None makes it required.
        environ: where to look, the process environment unless a test says otherwise.

    Raises:
        SettingsError: it is required and not set.
    """
    value = (os.environ if environ is None else environ).get(name, default)
    if value is None:
        raise SettingsError(
            f"{name} is not set: set it in the environment of this process and start again"
        )
    return value


def env_int(
    name: str, default: int | None = None, *, environ: Mapping[str, str] | None = None
) -> int:
    """Return an environment variable as a whole number; see `env_str`."""
    text = env_str(name, None if default is None else str(default), environ=environ)
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name} is not a whole number: set it to digits only") from None


def env_bool(
    name: str, default: bool | None = None, *, environ: Mapping[str, str] | None = None
) -> bool:
    """Return an environment variable as a truth value (true, yes, on, 1, ...); see `env_str`."""
    text = env_str(name, None if default is None else str(default), environ=environ).strip().lower()
    if text not in _TRUE | _FALSE:
        raise SettingsError(f"{name} is neither true nor false: set it to true or false")
    return text in _TRUE


def env_path(
    name: str, default: Path | None = None, *, environ: Mapping[str, str] | None = None
) -> Path:
    """Return an environment variable as an absolute path; see `env_str`."""
    return Path(
        env_str(name, None if default is None else str(default), environ=environ)
    ).absolute()


def env_file(name: str, *, environ: Mapping[str, str] | None = None) -> Path | None:
    """Return an environment variable as the path of a file that is there, None if it is not set.

    Raises:
        SettingsError: it names a file that cannot be read.
    """
    text = env_str(name, "", environ=environ)
    if not text:
        return None
    path = Path(text).absolute()
    if not os.access(path, os.R_OK):
        raise SettingsError(f"{name} names {path}, which cannot be read: make it or correct it")
    return path


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What every service needs from its environment; a service adds its own fields.

    Attributes:
        database_url: This service's own database.
        broker_url: The event log.
        run_dir: Wake-up sockets and locks of this service.
        jwks_file: Public keys that sign tokens.
        audience: Whom tokens must be meant for.
        log_format: `json` or `text`.
        database_password_file: Holds the password, if the URL does not.
        default_audience: The audience where the environment names none.
    """

    default_audience: ClassVar[str | None] = None
    database_url: str
    broker_url: str
    run_dir: Path
    jwks_file: Path
    audience: str
    log_format: str
    database_password_file: Path | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """Return the settings that the environment of this process holds.

        Raises:
            SettingsError: one is missing or malformed; the sentence says which.
        """
        return cls(
            database_url=env_str("DATABASE_URL"),
            broker_url=env_str("BROKER_URL", ""),
            run_dir=env_path("RUN_DIR"),
            jwks_file=env_path("JWKS_FILE", Path("jwks.json")),
            audience=env_str("TOKEN_AUDIENCE", cls.default_audience),
            log_format=env_str("LOG_FORMAT", "json"),
            database_password_file=env_file("DATABASE_PASSWORD_FILE"),
            **cls.own(),
        )

    @classmethod
    def own(cls) -> dict[str, Any]:
        """Return the fields that a service adds, by name."""
        return {}


def die_with_parent() -> None:
    """End this process as soon as the one that holds the other end of PARENT_PIPE_FD is gone.

    The supervisor alone holds the write end of a pipe; its death, kill -9 included, closes it, and
    every child reads end-of-file. Does nothing when the variable is not set. Starts a thread, so
    call it after any fork.
    """
    text = os.environ.get("PARENT_PIPE_FD")
    if text:
        threading.Thread(
            target=_exit_at_end_of_file, args=(int(text),), name="parent-watch", daemon=True
        ).start()


def _exit_at_end_of_file(descriptor: int) -> None:
    try:
        while os.read(descriptor, 1):
            pass
    except OSError:
        pass  # a pipe that cannot be read is a parent that cannot be watched
    os._exit(0)
