"""A progress bar for long work: on stderr, and only where somebody can see it."""

import sys
from typing import Final, TextIO

_WIDTH: Final = 30


class Bar:
    """Draws how much is done over itself, and takes itself away at the end."""

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        """Say what is being done; nothing is drawn before there is something to tell."""
        self._what = what
        self._stream = sys.stderr if stream is None else stream
        self._seen = self._stream.isatty()

    def __call__(self, done: int, of: int) -> None:
        """Draw."""
        if self._seen and of:
            filled = "#" * (_WIDTH * done // of)
            end = "\r\x1b[K" if done >= of else ""
            self._stream.write(f"\r{self._what} [{filled:<{_WIDTH}}] {done}/{of}{end}")
            self._stream.flush()
