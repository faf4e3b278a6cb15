"""The URL says which broker it is."""

import warnings

import pytest

from chassis.messaging.brokers import open_broker
from chassis.settings import SettingsError

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # its own way of reading its own files

LONG_AGO, FAR_AHEAD = 0, 2**62


@pytest.mark.parametrize("url", ["local:relative", "local://host/path", "amqp://host", ""])
def test_a_url_of_no_known_broker_says_what_to_write(url: str) -> None:
    with pytest.raises(SettingsError, match="local:///"):
        open_broker(url)
