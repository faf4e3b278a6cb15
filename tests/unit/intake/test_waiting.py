"""Waiting clients: how many there may be, wake-ups, and trouble while looking."""

import threading
import time

import pytest

from chassis.messaging.wakeup import notify_all
from intake.repository import RevisionKey
from intake.routes import Waiters
from intake.settings import WAKEUP_PREFIX

KEY = RevisionKey("clinic", "case", 1)


class Book:
    """Stands in for the database: what is settled, and how often it was asked."""

    def __init__(self):
        self.settled, self.asked, self.broken = set(), 0, False

    def look(self, keys):
        self.asked += 1
        if self.broken and self.asked > 1:
            raise OSError("away")
        return self.settled & set(keys)


@pytest.fixture
def book():
    return Book()


def test_what_is_settled_already_is_not_waited_for(tmp_path, book):
    book.settled.add(KEY)
    began = time.monotonic()
    assert Waiters(tmp_path, 1, book.look).wait(KEY, 20) is True
    assert time.monotonic() - began < 5


def test_a_ring_brings_the_news(tmp_path, book):
    waiters, news = Waiters(tmp_path, 1, book.look), []
    client = threading.Thread(target=lambda: news.append(waiters.wait(KEY, 20)))
    client.start()
    while not book.asked:
        assert client.is_alive()
    book.settled.add(KEY)
    notify_all(tmp_path, WAKEUP_PREFIX)
    client.join(10)
    assert news == [True]


def test_a_seat_is_free_again_after_its_client_has_gone(tmp_path, book):
    waiters = Waiters(tmp_path, 1, book.look)
    assert [waiters.wait(KEY, 0.01) for _ in range(3)] == [False] * 3


def test_without_seats_nobody_waits(tmp_path, book):
    assert Waiters(tmp_path, 0, book.look).wait(KEY, 20) is None
    assert book.asked == 0


def test_trouble_while_looking_ends_in_the_time_limit_not_in_an_error(tmp_path, book):
    book.broken = True
    assert Waiters(tmp_path, 1, book.look).wait(KEY, 1.0) is False
    assert book.asked > 1
    book.broken = False
    book.settled.add(KEY)
    assert Waiters(tmp_path, 1, book.look).wait(KEY, 20) is True
