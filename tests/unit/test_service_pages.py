"""Documentation that no test reads decays; these pages are read by one."""

import pytest
from tests.service_pages import PAGES, SERVICES, described, page


@pytest.mark.parametrize("service", SERVICES)
def test_the_page_of_a_service_says_what_the_service_says_of_itself(service: str) -> None:
    assert (PAGES / f"{service}.md").read_text() == page(service), "python -m tests.service_pages"


def test_whatever_is_heard_is_said_by_some_service() -> None:
    said, heard = set(), set()
    for service in SERVICES:
        spoken = described(service)
        said |= {(topic, kind) for topic, kinds in spoken["speaks"].items() for kind in kinds}
        heard |= {(topic, kind) for topic, kinds in spoken["hears"].items() for kind in kinds}

    assert heard
    assert heard <= said
