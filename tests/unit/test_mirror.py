"""The unit tests mirror the code: a module's test has its name and its place."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNIT = Path(__file__).parent
EXCEPTIONS = tomllib.loads((UNIT / "exceptions.toml").read_text(encoding="utf-8"))
NO_MODULES = {"__init__.py", "__main__.py"}


def modules() -> Iterator[str]:
    """Name each module as the tests see it: ``rules/engine/kleene.py``."""
    for base, folder in ((ROOT / "services", "services"), (ROOT, "tools")):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name not in NO_MODULES and not path.name[0].isdigit():
                yield path.relative_to(base).as_posix()


def mirror_of(module: str) -> Path:
    path = UNIT / module
    return path.with_name(f"test_{path.name}")


def has_test(module: str) -> bool:
    """Whether a module has a test of its name, or a folder of that name with several."""
    return mirror_of(module).exists() or any((UNIT / module).with_suffix("").glob("test_*.py"))


def excepted(name: str, kind: str) -> bool:
    return any(name == entry or name.startswith(f"{entry}/") for entry in reasons(kind))


def reasons(kind: str) -> Mapping[str, str]:
    entries: Mapping[str, str] = EXCEPTIONS[kind]
    return entries


def without_test() -> list[str]:
    return [module for module in modules() if not has_test(module)]


def without_module() -> list[str]:
    known = {mirror_of(module) for module in modules()}
    folders = {(UNIT / module).with_suffix("") for module in modules()}
    strays = (
        path
        for path in sorted(UNIT.rglob("test_*.py"))
        if path.parent != UNIT and path not in known and path.parent not in folders
    )
    return [path.relative_to(UNIT).as_posix() for path in strays]


def test_every_module_has_a_test_of_its_name():
    assert [name for name in without_test() if not excepted(name, "modules")] == []


def test_every_unit_test_has_the_name_of_a_module():
    assert [name for name in without_module() if not excepted(name, "tests")] == []


def test_every_exception_is_still_needed_and_gives_its_reason():
    names = {"modules": without_test(), "tests": without_module()}
    for kind, listed in names.items():
        idle = [
            entry
            for entry in reasons(kind)
            if not any(name == entry or name.startswith(f"{entry}/") for name in listed)
        ]
        assert idle == []
        assert all(len(reason.split()) > 2 for reason in reasons(kind).values())
