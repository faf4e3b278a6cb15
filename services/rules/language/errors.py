"""What can be wrong with knowledge, said all at once."""

from collections.abc import Iterable


class KnowledgeError(Exception):
    """The knowledge cannot be used; ``problems`` holds one sentence for each fault."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep the sentences and show them one to a line."""
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class NothingInForceError(LookupError):
    """No rule was in force on that date; there is nothing to judge by."""
