"""What must stay true of the tree: its shape, its directions, its words."""

import ast
import graphlib
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

from chassis.storage.migrations.schema import revisions

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "services"
CLINICAL = ("intake", "diagnosis", "treatment")
SHAPE = (
    *("__init__", "__main__", "app", "settings", "routes", "subscriptions", "schemas", "events"),
    *("use_cases", "repository", "models"),
)
CORE = {
    "intake": {"brief", "care", "case", "write"},
    "diagnosis": {"judge", "write"},
    "treatment": {"judge", "write"},
}
BESIDE = {"knowledge", "migrations"}
SOURCES = sorted(SERVICES.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE = 350
LONGEST_FUNCTION = 60

MEDICINE = re.compile(
    r"patient|clinic|diagnos(?:is|tic)|treatment|nodule|lipoma|medic(?:al|ine)|symptom|therap"
    r"|disease|red.flag|back.?pain|assessment|\bcase_id\b|case\.(?:submitted|revised)",
    re.IGNORECASE,
)
SERVICE_NAMES = re.compile(r"\b(?:intake|backmice|gateway)\b", re.IGNORECASE)
CLOCKS = re.compile(r"datetime\.now|utcnow|date\.today|\btime\.time\(|time_ns\(|uuid[1-8]\(")
LEFTOVERS = re.compile(r"\b(?:TODO|FIXME|XXX)\b|NotImplementedError")
# Spelled in two halves, so that this file does not find itself.
DODGES = re.compile(r"pytest\.(?:skip|xfail|importorskip)|mark\.(?:skip|xfail)" + r"\w*")


def named(path):
    return str(path.relative_to(ROOT))


def functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("service", CLINICAL)
def test_every_clinical_service_has_the_same_modules(service):
    found = {
        path.stem
        for path in (SERVICES / service).iterdir()
        if path.suffix == ".py" or ((path / "__init__.py").exists() and path.name != "__pycache__")
    }
    assert found - BESIDE == {*SHAPE, *CORE[service]}


@pytest.mark.parametrize("service", CLINICAL)
def test_revisions_are_one_line_and_written_out(service):
    folder = SERVICES / service / "migrations"
    names = revisions(folder)
    assert names, service
    previous = None
    for number, name in names.items():
        text = (folder / f"{name}.py").read_text()
        assert f"down_revision = {previous!r}".replace("'", '"') in text
        assert not re.search(
            rf"create_all|import (?:chassis|{service})|from (?:chassis|{service})", text
        )
        previous = number


def test_no_modules_import_each_other_in_a_circle():
    graph = grimp.build_graph(*packages(), cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    sorter = graphlib.TopologicalSorter(imports)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def packages():
    return sorted(path.parent.name for path in SERVICES.glob("*/__init__.py"))


def test_imports_flow_only_where_the_contracts_allow():
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_import_contracts_cover_every_package():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert sorted(contracts["root_packages"]) == packages()


def chassis_lines():
    for path in sorted((SERVICES / "chassis").rglob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield f"{named(path)}:{number}", line


def test_the_chassis_speaks_no_medicine():
    allowed = "What every service needs and no medicine cares about."
    lines = [f"{place} {line}" for place, line in chassis_lines() if allowed not in line]
    assert [line for line in lines if MEDICINE.search(line.split(" ", 1)[1])] == []


def test_the_chassis_knows_no_service():
    assert [place for place, line in chassis_lines() if SERVICE_NAMES.search(line)] == []


def test_only_one_package_knows_the_kafka_client():
    client = re.compile(r"^\s*(?:from|import) kafka", re.MULTILINE)
    importing = [path for path in SOURCES if client.search(path.read_text())]
    assert {named(path.parent) for path in importing} == {"services/chassis/messaging/kafka"}


def test_only_the_clock_reads_the_clock_and_makes_ids():
    readers = {named(path) for path in SOURCES if CLOCKS.search(path.read_text())}
    assert readers == {"services/chassis/clock.py"}


def test_nothing_is_imported_under_the_banned_prefix():
    banned = re.compile(r"^\s*(?:from|import) services\b", re.MULTILINE)
    assert [named(path) for path in [*SOURCES, *TESTS] if banned.search(path.read_text())] == []


def test_there_is_no_drawer_for_odds_and_ends():
    assert [
        named(path) for path in SOURCES if path.stem in {"utils", "helpers", "common", "misc"}
    ] == []


def test_a_file_is_one_sitting():
    files = {named(path): len(path.read_text().splitlines()) for path in SOURCES}
    lengths = {
        f"{named(path)}: {name}": length for path in SOURCES for name, length in functions(path)
    }
    assert {name: length for name, length in files.items() if length > LONGEST_FILE} == {}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_most_functions_fit_half_a_screen():
    lengths = [length for path in SOURCES for _, length in functions(path)]
    assert statistics.median(lengths) <= 12


def test_every_module_says_what_it_is():
    assert [
        named(path) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))
    ] == []


def test_nothing_is_left_for_later():
    found = [path for path in [*SOURCES, *TESTS] if LEFTOVERS.search(path.read_text())]
    assert [named(path) for path in found if path != Path(__file__)] == []


def test_no_test_is_left_out():
    found = [path for path in TESTS if DODGES.search(path.read_text())]
    assert [named(path) for path in found if path != Path(__file__)] == []


def test_every_file_that_is_called_slow_is_there():
    listed = (ROOT / "tests" / "slow.txt").read_text().split()
    assert [name for name in listed if not (ROOT / name).is_file()] == []
    assert listed == sorted(set(listed))


def test_every_command_of_the_makefile_explains_itself():
    text = (ROOT / "Makefile").read_text()
    commands = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split()
    explained = re.findall(r"^([a-z-]+):.*## .+$", text, re.MULTILINE)
    assert sorted(commands) == sorted(explained)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_pins_and_hashes_everything_and_names_no_index(lock):
    text = (ROOT / lock).read_text()
    pinned = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert all("==" in entry and "--hash=sha256:" in entry for entry in pinned if entry[0] != "#")
    assert not re.search(r"--(?:index-url|extra-index-url|find-links|trusted-host)|https?://", text)


def test_the_development_lock_contains_the_other():
    pins = [
        set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]


def test_the_continuous_check_can_be_run():
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_licence_is_apache_2():
    assert "Apache License\n" in (ROOT / "LICENSE").read_text()
