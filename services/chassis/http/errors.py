"""Problems of RFC 9457: the types, the exception that carries one, and its bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class ProblemType:
    """A kind of problem with a stable name, and what a caller can do about it.

    Attributes:
        slug: Stable name; the problem's `type` is `/problems/<slug>`.
        status: The HTTP status.
        title: The same short sentence each time.
        advice: What to do, in one or two sentences; also served at `/problems/<slug>`.
    """

    slug: str
    status: int
    title: str
    advice: str

    @property
    def uri(self) -> str:
        """The reference that identifies the type, and where its page is."""
        return f"/problems/{self.slug}"

    def page(self) -> str:
        """Returns the page served at the type's own address, as plain text."""
        return f"{self.title}\n\nstatus: {self.status}\ntype: {self.uri}\n\n{self.advice}\n"


class Problem(Exception):
    """An answer that is not what the caller hoped for.

    Args:
        kind: The type.
        detail: What happened this time, in one sentence; never free text of the caller. Without it
            the answer says what the type advises.
        errors: Places and reasons: `{"pointer", "detail", "found", "allowed"}`, as far as known.
        headers: Headers of the answer, such as `Retry-After`.
        **extra: Extension members of the document.
    """

    def __init__(
        self,
        kind: ProblemType,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{kind.slug}: {detail}")
        self.kind, self.detail = kind, detail or kind.advice
        self.errors, self.headers, self.extra = list(errors), dict(headers or {}), extra

    def document(self, instance: str | None = None, request_id: str | None = None) -> bytes:
        """Returns the finished `application/problem+json` body."""
        body: dict[str, Any] = {
            "type": self.kind.uri,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
            "errors": self.errors or None,
            **self.extra,
        }
        return orjson.dumps({name: value for name, value in body.items() if value is not None})
