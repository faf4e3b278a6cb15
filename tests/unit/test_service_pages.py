"""Documentation that no test reads decays; these pages are read by one."""

import pytest
from tests.service_pages import PAGES, SERVICES, described, page


@pytest.mark.parametrize("service", SERVICES)
def test_the_page_of_a_service_says_what_the_service_says_of_itself(service: str) -> None:
    assert (PAGES / f"{service}.md").read_text() == page(service), "python -m tests.service_pages"


def test_whatever_is_subscribed_to_is_published_by_some_service() -> None:
    published, subscribed = set(), set()
    for service in SERVICES:
        document = described(service)
        published |= _pairs(document["publishes"])
        subscribed |= _pairs(document["subscribes"])

    assert subscribed
    assert subscribed <= published


def _pairs(topics: dict[str, list[str]]) -> set[tuple[str, str]]:
    return {(topic, kind) for topic, kinds in topics.items() for kind in kinds}
