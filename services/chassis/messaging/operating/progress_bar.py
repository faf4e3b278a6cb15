"""A progress bar for long work: on stderr, and only where somebody can see it."""

import sys
from typing import Final, TextIO

_WIDTH: Final = 30


class ProgressBar:
    """Draws how much is done over itself, and takes itself away at the end."""

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        """Say what is being done; nothing is drawn before there is something to tell."""
        self._what = what
        self._stream = sys.stderr if stream is None else stream
        self._seen = self._stream.isatty()
        self._drawn = False

    def __call__(self, done: int, of: int) -> None:
        """Draw."""
        if self._seen and of:
            filled = "#" * (_WIDTH * done // of)
            self._stream.write(f"\r{self._what} [{filled:<{_WIDTH}}] {done}/{of}")
            self._stream.flush()
            self._drawn = True
            if done >= of:
                self.end()

    def end(self) -> None:
        """Take it away, however far it came."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False
