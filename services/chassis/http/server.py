"""Runs an application under gunicorn, in this process."""

import os
import sys
from pathlib import Path
from typing import Final

SETTINGS: Final = Path(__file__).parents[3] / "deploy" / "gunicorn.conf.py"


def serve(application: str) -> None:
    """Serves until a signal ends it; does not return.

    Args:
        application: What gunicorn loads in its worker, such as `things.app:api()`.
    """
    from gunicorn.app.wsgiapp import run  # noqa: PLC0415 - only the serving role pays for it

    settings = os.environ.get("GUNICORN_CONF", str(SETTINGS))
    sys.argv = ["gunicorn", "--config", settings, application]
    run()
