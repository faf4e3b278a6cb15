"""What every folder of tests may ask for."""

from hypothesis import settings

settings.register_profile("ours", deadline=None)  # others may need the machine for a moment
settings.load_profile("ours")

pytest_plugins = ["tests.support.servers.plugin", "tests.support.servers.databases"]
