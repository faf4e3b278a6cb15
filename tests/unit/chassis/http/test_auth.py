"""Tokens: ES256, this audience, at most twelve hours, one tenant."""

import base64
import os
from datetime import timedelta

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chassis import clock
from chassis.http.auth import Verifier
from chassis.http.errors import Problem


def refusal(verifier, header):
    with pytest.raises(Problem) as caught:
        verifier.verify(header)
    assert caught.value.kind.slug == "unauthenticated"
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")
    return caught.value.detail


def in_seconds(seconds):
    return int(clock.now().timestamp()) + seconds


def test_a_good_token_names_client_tenant_and_scopes(verifier, mint):
    principal = verifier.verify(f"Bearer {mint()}")
    assert (principal.client_id, principal.tenant_id) == ("somebody", "t1")
    assert principal.scopes == {"things:read", "things:write"}


def test_a_token_is_as_good_the_second_time(verifier, mint):
    header = f"bearer {mint()}"
    assert verifier.verify(header) is verifier.verify(header)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_no_bearer_token_is_refused(verifier, header):
    assert "No bearer" in refusal(verifier, header)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": -120},
        {"exp": None},
        {"aud": "others"},
        {"aud": None},
        {"sub": None},
        {"tenant": None},
        {"tenant": "a:b"},
        {"tenant": ""},
        {"tenant": 7},
        {"scope": ["things:read"]},
        {"nbf": 600},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(verifier, mint, changes):
    times = {
        key: in_seconds(value) for key, value in changes.items() if key in ("exp", "nbf") and value
    }
    refusal(verifier, f"Bearer {mint(**(changes | times))}")


def test_clocks_may_differ_by_a_minute_and_no_more(verifier, mint):
    assert verifier.verify(f"Bearer {mint(exp=in_seconds(-55))}")
    assert "expired" in refusal(verifier, f"Bearer {mint(exp=in_seconds(-65))}")
    assert verifier.verify(f"Bearer {mint(nbf=in_seconds(55))}")
    refusal(verifier, f"Bearer {mint(nbf=in_seconds(65))}")


def test_a_token_for_more_than_twelve_hours_is_refused(verifier, mint):
    assert verifier.verify(f"Bearer {mint(exp=in_seconds(12 * 3600 - 5))}")
    assert verifier.verify(f"Bearer {mint(exp=in_seconds(12 * 3600 + 55))}")
    assert "12 hours" in refusal(verifier, f"Bearer {mint(exp=in_seconds(12 * 3600 + 65))}")
    assert "12 hours" in refusal(verifier, f"Bearer {mint(exp=in_seconds(13 * 3600))}")


def test_a_remembered_token_still_expires(verifier, mint, monkeypatch):
    header = f"Bearer {mint(exp=in_seconds(100))}"
    verifier.verify(header)
    checked = []
    monkeypatch.setattr(verifier, "_check", lambda *asked: checked.append(asked) or (0.0, None))
    verifier.verify(header)
    assert not checked
    later = clock.now() + timedelta(seconds=101)
    monkeypatch.setattr(clock, "now", lambda: later)
    verifier.verify(header)
    assert len(checked) == 1


def test_another_key_does_not_sign_for_us(verifier, mint):
    refusal(verifier, f"Bearer {mint(key=ec.generate_private_key(ec.SECP256R1()))}")


def test_an_unknown_key_id_is_refused(verifier, mint):
    refusal(verifier, f"Bearer {mint(kid='two')}")


def test_no_signature_is_no_signature(verifier, mint):
    header, payload, _ = mint().split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","kid":"one"}').decode().rstrip("=")
    refusal(verifier, f"Bearer {none}.{payload}.")
    refusal(verifier, f"Bearer {header}.{payload}.")


def test_a_public_key_is_not_a_shared_secret(verifier, mint):
    secret = jwt.encode({"sub": "x"}, "x" * 64, algorithm="HS256", headers={"kid": "one"})
    refusal(verifier, f"Bearer {secret}")


@pytest.mark.parametrize("token", ["x", "a.b.c", "é.é.é", "." * 5000, "e30.e30.e30"])
def test_rubbish_is_refused_and_not_an_error(verifier, token):
    refusal(verifier, f"Bearer {token}")


def test_a_new_key_is_found_when_the_file_changes(mint, jwks_file, tmp_path):
    path = tmp_path / "jwks.json"
    path.write_bytes(jwks_file.read_bytes())
    verifier = Verifier(path, "things")
    verifier.verify(f"Bearer {mint()}")
    fresh = ec.generate_private_key(ec.SECP256R1())
    header = f"Bearer {mint(key=fresh, kid='two')}"
    refusal(verifier, header)
    public = jwt.algorithms.ECAlgorithm.to_jwk(fresh.public_key(), as_dict=True)
    path.write_bytes(orjson.dumps({"keys": [public | {"kid": "two"}]}))
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
    assert verifier.verify(header)


def test_a_scope_is_held_or_it_is_not(verifier, mint):
    principal = verifier.verify(f"Bearer {mint(scope='a b')}")
    principal.require("a")
    principal.require("")
    with pytest.raises(Problem) as caught:
        principal.require("things")
    assert caught.value.kind.slug == "missing-scope"
    assert caught.value.extra == {"scope": "things"}


def test_the_memory_of_tokens_is_bounded(verifier, mint, monkeypatch):
    monkeypatch.setattr("chassis.http.auth.REMEMBERED", 2)
    for number in range(5):
        verifier.verify(f"Bearer {mint(sub=f'c{number}')}")
    assert len(verifier._seen) <= 2
