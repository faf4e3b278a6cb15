"""Reads the environment, with a sentence that helps when something is missing."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path

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
