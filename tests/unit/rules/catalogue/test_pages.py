"""What the pages of rules say about their use."""

import json

from rules.catalogue.pages import TESTED, read_tested


def test_what_was_tested_is_read_from_beside_the_rules(tmp_path):
    (tmp_path / TESTED).write_text(json.dumps({"CA-01": {"cases": 3}}))
    assert read_tested(tmp_path) == {"CA-01": {"cases": 3}}
