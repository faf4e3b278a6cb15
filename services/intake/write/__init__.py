"""Words: the one screen of a case as plain text."""

from intake.write.screen import Shown, screen

__all__ = ["Shown", "screen"]
