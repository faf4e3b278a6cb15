"""Bearer tokens: ES256 only, verified here against a key set from a file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jwt
import orjson

from chassis import clock
from chassis.http import problem_types
from chassis.http.errors import Problem

LONGEST_LIFE_S: Final = 12 * 3600
LEEWAY_S: Final = 60
REMEMBERED: Final = 1024

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Principal:
    """Who asks, for whom, and what they may do."""

    client_id: str
    tenant_id: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raises `missing-scope` unless the scope is held; the empty one is held by all."""
        if scope and scope not in self.scopes:
            raise Problem(problem_types.FORBIDDEN, f"The scope {scope} is needed.", scope=scope)


@dataclass
class Verifier:
    """Checks tokens against a JWKS file, and remembers checked ones until they expire.

    Args:
        jwks_file: Public keys; read again for an unknown key if the file has changed.
        audience: The only audience accepted.
    """

    jwks_file: Path
    audience: str
    _keys: Mapping[str, Any] = field(default_factory=dict)
    _read_at: int = 0
    _seen: dict[str, tuple[float, Principal]] = field(default_factory=dict)

    def verify(self, header: str | None) -> Principal:
        """Returns the principal of an `Authorization` header.

        Raises:
            Problem: `unauthenticated`, for whatever is wrong with it.
        """
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _refused(
                "No bearer token was sent. Send one as `Authorization: Bearer …`.", "Bearer"
            )
        now = clock.now().timestamp()
        known = self._seen.get(token)
        if known is None or known[0] <= now:
            known = self._check(token.strip(), now)
            self._remember(token, known)
        return known[1]

    def _check(self, token: str, now: float) -> tuple[float, Principal]:
        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid")))
            claims = jwt.decode(
                token,
                key,
                algorithms=["ES256"],
                audience=self.audience,
                leeway=LEEWAY_S,
                options={"require": ["exp", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise _refused(_why(error)) from None
        if claims["exp"] > now + LONGEST_LIFE_S + LEEWAY_S:
            raise _refused("The token lives longer than 12 hours.")
        return float(claims["exp"]), _principal(claims)

    def _key(self, key_id: str) -> Any:
        if key_id not in self._keys:
            self._read()
        if key_id not in self._keys:
            raise jwt.InvalidKeyError("unknown key")
        return self._keys[key_id]

    def _read(self) -> None:
        changed_at = self.jwks_file.stat().st_mtime_ns
        if changed_at == self._read_at:
            return
        keys = orjson.loads(self.jwks_file.read_bytes())["keys"]
        self._keys = {
            key["kid"]: jwt.PyJWK(key, algorithm="ES256").key
            for key in keys
            if key.get("kty") == "EC"
        }
        self._read_at = changed_at

    def _remember(self, token: str, known: tuple[float, Principal]) -> None:
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()  # rarer and simpler than an order of eviction
        self._seen[token] = known


def _principal(claims: Mapping[str, Any]) -> Principal:
    tenant, scope = claims.get("tenant"), claims.get("scope", "")
    if not isinstance(tenant, str) or not _TENANT.fullmatch(tenant):
        raise _refused("The token names no tenant.")
    if not isinstance(scope, str) or not isinstance(claims["sub"], str) or not claims["sub"]:
        raise _refused("The token's subject or scope is not text.")
    return Principal(claims["sub"], tenant, frozenset(scope.split()))


def _why(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.ExpiredSignatureError):
        return "The token has expired."
    if isinstance(error, jwt.InvalidAudienceError):
        return "The token is for another audience."
    return "The token cannot be verified."


def _refused(detail: str, challenge: str = 'Bearer error="invalid_token"') -> Problem:
    return Problem(problem_types.UNAUTHENTICATED, detail, headers={"WWW-Authenticate": challenge})
