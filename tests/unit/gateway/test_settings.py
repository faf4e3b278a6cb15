"""The gateway says what it lacks."""

import pytest

from chassis.settings import SettingsError
from gateway.settings import Settings

ADDRESSES = {name: f"http://{name}:1" for name in ("INTAKE_URL", "DIAGNOSIS_URL", "TREATMENT_URL")}


def test_all_addresses_are_needed():
    assert set(Settings.from_environment(ADDRESSES).addresses) == {
        "intake",
        "diagnosis",
        "treatment",
    }
    with pytest.raises(SettingsError, match="INTAKE_URL"):
        Settings.from_environment({**ADDRESSES, "INTAKE_URL": ""})
