"""Logs carry ids and words; never data, never secrets."""

import io
import json
import logging

import pytest

from chassis import context, logs


@pytest.fixture
def lines():
    """What `chassis.logs` writes; the root logger is as before afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("things", "json", stream)
    context.clear()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before, level
    context.clear()


def test_a_line_names_time_service_and_context(lines):
    context.bind(request_id="r1", tenant_id="t1", subject=None)
    logging.getLogger("x").info("request", extra={"status": 200})
    (line,) = lines()
    assert line["service"] == "things"
    assert line["message"] == "request"
    assert (line["request_id"], line["tenant_id"], line["status"]) == ("r1", "t1", 200)
    assert line["time"].endswith("Z")
    assert "subject" not in line


def test_a_field_that_is_not_listed_is_dropped(lines):
    logging.getLogger("x").info("request", extra={"name_of_somebody": "Miller", "status": 1})
    assert "Miller" not in str(lines())


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "Bearer abc.def",
        "miller@example.org",
        "postgresql://user:password@db/x",
    ],
)
def test_secrets_are_redacted_from_messages_and_fields(lines, secret):
    logging.getLogger("x").warning("said %s", secret, extra={"reason": f"because {secret}"})
    text = str(lines())
    for part in (secret, "password", "abc.def"):
        assert part not in text
    assert text.count(logs.REDACTED) == 2


def test_an_exception_shows_where_and_not_what(lines):
    try:
        int("Mrs Miller, 61")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = lines()
    assert "Miller" not in str(line)
    assert line["error"] == "builtins.ValueError"
    assert "test_logs.py" in line["frames"][-1]


def test_people_get_the_same_in_plain_words(lines):
    plain = logs.PlainLines("things")
    record = logging.LogRecord("x", logging.INFO, "f", 1, "request", (), None)
    record.status = 200
    assert "info things request" in plain.format(record)
    assert "status=200" in plain.format(record)


def test_only_ids_may_be_bound():
    with pytest.raises(ValueError, match="name"):
        context.bind(name="Miller")


def test_a_cleared_context_is_empty():
    context.bind(subject="s")
    context.clear()
    assert context.current() == {}
