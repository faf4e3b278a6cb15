"""What each image holds, and what each container may do."""

import pytest
from tests.compose.stack import IMAGES, LASTING, ONCE, SERVICES, Stack, docker, run

pytestmark = pytest.mark.compose
PACKAGES = {*SERVICES, "gateway", "backmice"}


@pytest.mark.parametrize(("image", "service"), IMAGES.items())
def test_an_image_holds_no_other_service(stack: Stack, image: str, service: str):
    held = docker("run", "--rm", "--entrypoint", "ls", image, "/app/services").split()
    assert set(held) == {"chassis", service}
    for other in sorted(PACKAGES - {service}):
        attempt = (
            "docker",
            "run",
            "--rm",
            "--entrypoint",
            "python",
            image,
            "-c",
            f"import {other}",
        )
        failed = run(*attempt, check=False)
        assert failed.stderr.splitlines()[-1] == f"ModuleNotFoundError: No module named '{other}'"


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_holds_no_secret_and_no_compiler(stack: Stack, image: str):
    found = docker(
        "run",
        "--rm",
        "--user",
        "0",
        "--entrypoint",
        "sh",
        image,
        "-c",
        "command -v gcc cc make g++; find / -xdev -name '*.pem' -path '*key*' -not -path '/usr/*' "
        "-not -path '/etc/ssl/*'; ls -A /run/secrets /app/deploy/secrets",
        check=False,
    )
    assert found == ""


@pytest.mark.parametrize("service", LASTING)
def test_a_container_runs_as_nobody_special_on_a_root_that_it_cannot_write(
    stack: Stack, service: str
):
    assert stack.execute(service, "id", "-u").stdout.strip() != "0"
    for place in ("/x", "/etc/x", "/usr/bin/x"):
        attempt = stack.execute(service, "touch", place, check=False)
        assert "Read-only file system" in attempt.stderr, place


@pytest.mark.parametrize("service", [*LASTING, *ONCE])
def test_a_container_has_no_power_and_has_limits(stack: Stack, service: str):
    host = stack.inspect(service)["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    assert host["RestartPolicy"]["Name"] == ("on-failure" if service in ONCE else "unless-stopped")


def test_only_the_gateway_is_reached_from_outside_and_only_from_this_machine(stack: Stack):
    published = {
        service: bindings
        for service in LASTING
        if (
            bindings := [
                b for b in stack.inspect(service)["HostConfig"]["PortBindings"].values() if b
            ]
        )
    }
    assert published == {"gateway": [[{"HostIp": "127.0.0.1", "HostPort": str(stack.port)}]]}


def test_the_networks_keep_apart_what_need_not_meet(stack: Stack):
    joined = {
        service: {name.removeprefix(f"{stack.project}_") for name in networks}
        for service in LASTING
        if (networks := stack.inspect(service)["NetworkSettings"]["Networks"])
    }
    assert joined["gateway"] == {"edge", "requests"}
    assert joined["description"] == {"requests"}
    assert joined["kafka"] == {"events"}
    assert joined["postgres"] == {"storage"}
    for service in SERVICES:
        assert joined[f"{service}-api"] == {"requests", "storage"}
        assert joined[f"{service}-relay"] == joined[f"{service}-worker"] == {"storage", "events"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_enters_no_database_but_its_own(stack: Stack, service: str):
    (other, *_) = [name for name in SERVICES if name != service]
    program = (
        "import os, sys, psycopg; from pathlib import Path;"
        "password = Path(os.environ['DATABASE_PASSWORD_FILE']).read_text().strip();"
        f"psycopg.connect(host='postgres', user='{service}', dbname=sys.argv[1], password=password)"
    )
    stack.execute(f"{service}-api", "python", "-c", program, service)
    refused = stack.execute(f"{service}-api", "python", "-c", program, other, check=False)
    assert "permission denied for database" in refused.stderr
