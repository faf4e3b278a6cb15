"""What every folder of tests may ask for."""

pytest_plugins = ["tests.servers.plugin", "tests.servers.databases"]
