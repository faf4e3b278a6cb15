"""Sentences: the fixed wording of a domain, as data with a version and a digest of its own."""

import functools
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from rules.language.canonical import canonical
from rules.language.errors import KnowledgeError

HEAD = "wording.toml"
FOLDER = "sentences"


class Sentences:
    """The wording of one domain: texts by dotted key, with named places to fill.

    A text is written as TOML under ``knowledge/sentences/``; ``[safety] complete = "All {of} …"``
    in any file becomes the key ``safety.complete``. Places are filled by name; a text that lacks a
    value, or a key that does not exist, is an error and never a hole in an answer.

    Attributes:
        version: What people call this wording.
        sha256: Digest of its canonical content.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        """Take the content as read, or as `canonical` wrote it: ``version`` and ``texts``."""
        self.version: str = content["version"]
        self._texts: Mapping[str, str] = content["texts"]

    @classmethod
    def load(cls, knowledge: Path) -> Self:
        """Read all files of a knowledge folder's ``sentences``.

        Raises:
            KnowledgeError: With one sentence for each fault.
        """
        folder = knowledge / FOLDER
        texts: dict[str, str] = {}
        faults: list[str] = []
        for path in sorted(folder.glob("*.toml")):
            if path.name != HEAD:
                table = tomllib.loads(path.read_text(encoding="utf-8"))
                for key, text in _flat(table, ""):
                    if key in texts:
                        faults.append(f"{path.name}: {key} is written twice.")
                    elif not isinstance(text, str):
                        faults.append(f"{path.name}: {key} is not text.")
                    texts[key] = str(text)
        if faults:
            raise KnowledgeError(faults)
        head = tomllib.loads((folder / HEAD).read_text(encoding="utf-8"))
        return cls({"version": head["version"], "texts": texts})

    @classmethod
    def from_canonical(cls, text: bytes | str) -> Self:
        """Bring back the wording that `canonical` wrote."""
        return cls(json.loads(text))

    def canonical(self) -> bytes:
        """Spell the whole content in one way only."""
        return canonical({"version": self.version, "texts": dict(self._texts)})

    @functools.cached_property
    def sha256(self) -> str:
        """Digest of the canonical content."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def keys(self) -> list[str]:
        """List every key, in order."""
        return sorted(self._texts)

    def __contains__(self, key: str) -> bool:
        """Tell whether there is such a text."""
        return key in self._texts

    def text(self, key: str, /, **values: Any) -> str:
        """Return a text with its places filled.

        Raises:
            KeyError: There is no such text, or a value is missing.
        """
        return self._texts[key].format_map(values) if values else self._texts[key].format()


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
