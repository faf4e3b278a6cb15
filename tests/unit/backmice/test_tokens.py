"""Tokens of the embedded default open the doors they name, for twelve hours at most."""

import pytest

from backmice.tokens import AUDIENCE, SCOPES, mint
from chassis.http.auth import Verifier


def test_a_token_is_accepted_by_the_services(folder):
    token = mint(folder, "demo", "somebody", SCOPES, 12)
    principal = Verifier(folder.jwks, AUDIENCE).verify(f"Bearer {token}")
    assert (principal.tenant_id, principal.client_id) == ("demo", "somebody")
    assert principal.scopes == {"cases:read", "cases:write", "evaluate", "knowledge:read"}


def test_the_key_pair_is_made_once_and_kept_private(folder):
    mint(folder, "demo", "a", SCOPES, 1)
    files = {path: path.read_bytes() for path in folder.keys.iterdir()}
    assert len(files) == 2
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    mint(folder, "demo", "b", SCOPES, 1)
    assert {path: path.read_bytes() for path in folder.keys.iterdir()} == files


def test_the_public_file_holds_no_private_part(folder):
    mint(folder, "demo", "a", SCOPES, 1)
    assert b'"d"' not in folder.jwks.read_bytes()


@pytest.mark.parametrize("hours", [0, -1, 12.5])
def test_no_token_lives_longer_than_twelve_hours(folder, hours):
    with pytest.raises(ValueError, match="12 hours"):
        mint(folder, "demo", "a", SCOPES, hours)
