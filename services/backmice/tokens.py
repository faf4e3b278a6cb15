"""The key pair of the embedded default, and the tokens that it signs."""

from datetime import timedelta
from typing import Any, Final

import jwt
import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backmice.data_directory import DataDirectory, write_private
from chassis import clock

AUDIENCE: Final = "backmice"
SCOPES: Final = "cases:read cases:write evaluate knowledge:read"
LONGEST_HOURS: Final = 12


def mint(folder: DataDirectory, tenant: str, client: str, scopes: str, hours: float) -> str:
    """Returns a signed token; makes the key pair if the folder has none.

    Raises:
        ValueError: The life is not above 0 and at most 12 hours.
    """
    if not 0 < hours <= LONGEST_HOURS:
        raise ValueError(f"a token lives above 0 and at most {LONGEST_HOURS} hours")
    key = _key(folder)
    now = clock.now()
    claims = {
        "sub": client,
        "tenant": tenant,
        "scope": scopes,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + timedelta(hours=hours),
        "jti": clock.new_id(),
    }
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": _key_id(folder)})


def _key(folder: DataDirectory) -> ec.EllipticCurvePrivateKey:
    path = folder.keys / "signing-key.pem"
    if not path.exists() or not folder.jwks.exists():
        _make(folder)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} is not an elliptic curve key")
    return key


def _key_id(folder: DataDirectory) -> str:
    return str(orjson.loads(folder.jwks.read_bytes())["keys"][0]["kid"])


def _make(folder: DataDirectory) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    entry = public | {"kid": clock.new_id(), "use": "sig", "alg": "ES256"}
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(folder.keys / "signing-key.pem", pem)
    fresh = folder.jwks.with_suffix(".new")
    write_private(fresh, orjson.dumps({"keys": [entry]}, option=orjson.OPT_INDENT_2))
    fresh.replace(folder.jwks)  # a reader sees the whole set or none
