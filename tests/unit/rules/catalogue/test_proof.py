"""A stored document beside the recomputed one."""

import json

from rules.catalogue.proof import SPELLED, impossible
from rules.catalogue.proof import compare as prove


def test_a_proof_says_where_two_documents_differ():
    assert prove(b'{"a":1}', b'{"a":1}')["differences"] == []
    found = prove(b'{"a":1,"b":2}', b'{"a":1,"b":3}')
    assert not found["matches"]
    assert found["differences"] == [{"pointer": "/b", "stored": 2, "recomputed": 3}]
    spelled = prove(b'{"a": 1}', b'{"a":1}')
    assert not spelled["matches"]
    assert spelled["differences"] == [{"pointer": "", "sentence": SPELLED}]
    assert "not JSON" in prove(b"{", b"{}")["differences"][0]["sentence"]
    assert impossible(b"{}", "why")["recomputed_sha256"] is None


def test_a_proof_shows_twenty_differences_at_most():
    stored, again = ({str(n): n + more for n in range(50)} for more in (0, 1))
    found = prove(json.dumps(stored).encode(), json.dumps(again).encode())
    assert len(found["differences"]) == 20
