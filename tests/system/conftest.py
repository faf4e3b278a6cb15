"""One running product of each profile for all system tests that only ask."""

from collections.abc import Iterator

import pytest
from tests.system.product import Product
from tests.system.sites import BOTH, let_until_needed, site


class Kept:
    """Products that the files of system tests share; on servers they leave when another comes."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._running: dict[str, Product] = {}

    def lend(self, profile: str, request: pytest.FixtureRequest) -> Product:
        """The product that runs, or a new one."""
        if profile not in self._running:
            data, place = self._factory.mktemp("product") / "data", site(profile, request)
            self._running[profile] = Product(data, place).start()
            if not place.embedded:
                let_until_needed(lambda: self.end(profile))
        return self._running[profile]

    def end(self, profile: str) -> None:
        if profile in self._running:
            self._running.pop(profile).stop()

    def end_all(self) -> None:
        for profile in list(self._running):
            self.end(profile)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    products = Kept(tmp_path_factory)
    yield products
    products.end_all()


@pytest.fixture(scope="module", params=BOTH)
def product(request: pytest.FixtureRequest, kept: Kept) -> Product:
    return kept.lend(request.param, request)
