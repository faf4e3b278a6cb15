"""Runs an application under gunicorn, in this process."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gunicorn.app.wsgiapp import run

from chassis.settings import SettingsError

NEVER: Final = 3
"""The exit code at which gunicorn's master gives up instead of starting another worker."""

SETTINGS: Final = Path(__file__).parents[3] / "deploy" / "gunicorn.conf.py"


def serve(application: str) -> None:
    """Serves until a signal ends it; does not return.

    Args:
        application: What gunicorn loads in its worker, such as `things.app:api()`.
    """
    settings = os.environ.get("GUNICORN_CONF", str(SETTINGS))
    sys.argv = ["gunicorn", "--config", settings, application]
    run()


@contextmanager
def in_one_line(name: str) -> Iterator[None]:
    """Ends the server with one sentence, not a trace, when its settings can never work.

    Args:
        name: Who says it.
    """
    try:
        yield
    except SettingsError as error:
        sys.stderr.write(f"{name}: {error}\n")
        raise SystemExit(NEVER) from None
