"""A POST that stores, done once however often it is sent."""

import hashlib
from collections.abc import Callable
from typing import Final

import orjson

from chassis.http import problem_types
from chassis.http.errors import Problem
from chassis.http.headers import idempotency_key
from chassis.http.routing import Request, Response
from chassis.storage.crash import crash_point
from chassis.storage.idempotency import IdempotencyKeys, KeyInUse, KeyReused, Stored

REPLAYED: Final = {"Idempotency-Replayed": "true"}


def once(keys: IdempotencyKeys, request: Request, make: Callable[[], Response]) -> Response:
    """Answers a request, or repeats the answer that it had the first time.

    Request it first in the writing transaction: the claim of the key, what `make` stores and the
    stored answer are then committed together or not at all. A problem raised by `make` rolls the
    claim back with the rest, so that a corrected request may use the same key.

    Args:
        keys: The key table, bound to the transaction.
        request: The request; `Prefer` and other headers are no part of its fingerprint.
        make: Does the work and returns the answer to keep.

    Returns:
        The answer; a repeated one carries `Idempotency-Replayed: true`.

    Raises:
        Problem: `idempotency-key-required`; `idempotency-key-reused` if the body differs;
            `idempotency-key-in-use` if the first request does not end in time.
    """
    key = idempotency_key(request.headers)
    crash_point("request.before_insert")
    who = (request.tenant_id, request.principal.client_id, key)
    try:
        stored = keys.claim(*who, fingerprint(request))
    except KeyReused:
        raise Problem(problem_types.KEY_REUSED) from None
    except KeyInUse:
        raise Problem(problem_types.KEY_IN_USE, headers={"Retry-After": "1"}) from None
    if stored is not None:
        headers = dict(orjson.loads(stored.headers)) if stored.headers else {}
        return Response(stored.response, stored.status, headers | REPLAYED)
    answer = make()
    crash_point("request.after_insert")
    headers_json = orjson.dumps(dict(answer.headers)).decode()
    keys.store(*who, Stored(answer.status, answer.payload(), headers_json))
    crash_point("request.before_commit")
    return answer


def fingerprint(request: Request) -> str:
    """Returns a digest of method, path and JSON value, however the value is spelled."""
    asked = [request.method, request.path, request.document]
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
