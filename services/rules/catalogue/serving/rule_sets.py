"""Every rule set that a service ever ran: its full text, and when which evaluator ran it first."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from chassis.storage.database import upsert
from rules.language.loader import from_canonical
from rules.language.model import Knowledge


@dataclass(frozen=True)
class SetRun:
    """A rule set as one evaluator ran it, and when first (microseconds UTC)."""

    version: str
    sha256: str
    evaluator: str
    first_run_at: int


class RuleSets:
    """The rule sets of a service, seen from within one transaction."""

    def __init__(self, connection: Connection, kept: Table, runs: Table) -> None:
        """Bind them to a transaction that somebody else opened and will close.

        Args:
            connection: the transaction's.
            kept: full texts, with columns sha256, version, content and first_run_at.
            runs: made by `judgements.run_table`.
        """
        self._connection = connection
        self._kept = kept
        self._runs = runs

    def keep(self, knowledge: Knowledge, evaluator: str, at: int) -> None:
        """Keep the full text of a set, and that it runs; what is known already is left alone."""
        named = {"sha256": knowledge.digest, "first_run_at": at}
        text = {"version": knowledge.version, "content": knowledge.canonical()}
        self._add(self._kept, named | text)
        self._add(self._runs, named | {"evaluator": evaluator})

    def _add(self, table: Table, row: dict[str, Any]) -> None:
        statement = upsert(table, self._connection.dialect.name).on_conflict_do_nothing()
        self._connection.execute(statement, row)

    def text(self, sha256: str) -> bytes | None:
        """Return the full text of a set, as it was kept."""
        query = select(self._kept.c.content).where(self._kept.c.sha256 == sha256)
        content = self._connection.execute(query).scalar_one_or_none()
        return None if content is None else bytes(content)

    def knowledge(self, sha256: str) -> Knowledge:
        """Bring back a set, to judge as it judged then.

        Raises:
            LookupError: it was never kept.
            KnowledgeError: this engine no longer understands it.
        """
        text = self.text(sha256)
        if text is None:
            raise LookupError(f"the rule set {sha256} was not kept")
        return from_canonical(text)

    def all(self) -> list[SetRun]:
        """List what ran, the newest first."""
        kept, runs = self._kept.c, self._runs.c
        query = select(kept.version, runs.sha256, runs.evaluator, runs.first_run_at)
        query = query.join_from(self._runs, self._kept, kept.sha256 == runs.sha256)
        query = query.order_by(runs.first_run_at.desc(), runs.sha256, runs.evaluator)
        return [SetRun(*row) for row in self._connection.execute(query)]
