"""The vocabulary's subsets: of the facts that intake owns, those that another service reads.

A service reads what its rules read, in any version, and what its tables and its `reads.toml` name.
Files are cut from the owner's text, so that a subset is spelled as the original. What a case may
hold besides is listed by name in `unread.toml`: it is taken and ignored.
"""

import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rules.language.facts import Fact, ListFact, engine_name
from rules.language.model import Knowledge
from rules.language.nodes import Quantifier, refs, walk
from rules.language.vocabulary import Vocabulary

READS: Final = "facts/subset/reads.toml"
UNREAD: Final = "facts/subset/unread.toml"
MADE: Final = (
    "# Made by `make vocabulary` from services/{owner}/knowledge/facts; change it there.\n"
)
_BRIEF: Final = ("name", "label", "type", "unit", "minimum", "maximum", "stays")
_BLOCK: Final = re.compile(r"^(?=\[\[(?:fact|list|list\.field)\]\]$)", re.MULTILINE)
_NAME: Final = re.compile(r'^name = "([^"]+)"$', re.MULTILINE)

Files = Mapping[str, str]


def made_for(service: Path, owner: Path, load: Callable[[Path], Knowledge]) -> dict[str, str]:
    """Write the files that a service's knowledge folder holds of the owner's vocabulary.

    Args:
        service: The service's knowledge folder.
        owner: The owner's folder of facts.
        load: Reads a knowledge folder as the service does.

    Returns:
        Text by path below the knowledge folder.
    """
    vocabulary = Vocabulary.load(owner)
    names = wanted(_with_all_facts(service, owner, load), vocabulary, service)
    head = MADE.format(owner=owner.parents[1].name)
    files = {}
    for path in sorted(owner.glob("*.toml")):
        if text := cut(path.read_text(encoding="utf-8"), names):
            files[f"facts/{path.name}"] = head + text
    return files | {UNREAD: head + unread(vocabulary, names)}


def _with_all_facts(service: Path, owner: Path, load: Callable[[Path], Knowledge]) -> Knowledge:
    """Load a service's knowledge with the whole vocabulary in the place of its subset."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "knowledge"
        shutil.copytree(service, copy)
        shutil.rmtree(copy / "facts", ignore_errors=True)
        shutil.copytree(owner, copy / "facts")
        return load(copy)


def wanted(knowledge: Knowledge, vocabulary: Vocabulary, service: Path) -> frozenset[str]:
    """Name the facts, lists and fields that a service reads, in the engine's spelling."""
    table = tomllib.loads((service / READS).read_text(encoding="utf-8"))
    named = {name for entry in table["reads"] for name in entry["facts"]}
    if strangers := named - set(vocabulary.names()):
        message = f"{READS} names facts that do not exist: {', '.join(sorted(strangers))}"
        raise ValueError(message)
    read = set(_read_by_rules(knowledge)) | named
    read |= {name for other in knowledge.other.values() for name in _strings(other)}
    read |= set(_strings(knowledge.metadata))
    read |= {name for rule in knowledge.rules.values() for one in rule.versions
             for name in _strings(one.then)}  # fmt: skip
    known = {name for name in read & set(vocabulary.names()) if not _stays(vocabulary, name)}
    counts = {entry.count for name, entry in vocabulary.lists.items() if name in known}
    return frozenset(name for name in known | counts if name)


def _stays(vocabulary: Vocabulary, name: str) -> bool:
    """Whether a fact never leaves its owner; a word of some table may be spelled like it."""
    return name not in vocabulary.lists and vocabulary.fact(name).stays is not None


def _read_by_rules(knowledge: Knowledge) -> Iterator[str]:
    conditions = [(entry.over, entry.condition) for entry in knowledge.definitions.values()]
    for rule in knowledge.rules.values():
        conditions += [(rule.over, version.condition) for version in rule.versions]
    for over, condition in conditions:
        if over:
            yield over
        for node in walk(condition):
            yield from (ref.full_name for ref in refs(node))
            if isinstance(node, Quantifier):
                yield node.list
                yield f"{node.list}[].{node.matching}"


def _strings(value: Any) -> Iterator[str]:
    """Visit every text in a table, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _strings(inner)


def cut(text: str, names: Iterable[str]) -> str:
    """Keep of one file of the vocabulary what is named; empty if nothing is."""
    wanted_names = frozenset(names)
    head, *blocks = _BLOCK.split(text)
    kept: list[str] = []
    home, listed = "", False
    for block in blocks:
        name = _name_of(block)
        if block.startswith("[[list]]"):
            home, listed = name, name in _owners(wanted_names)
            keep = listed
        elif block.startswith("[[list.field]]"):
            keep = listed and (name == "id" or _is_named(f"{home}[].", block, wanted_names))
        else:
            keep = _is_named("", block, wanted_names)
        kept += [block.strip() + "\n"] if keep else []
    return "\n".join([head.strip() + "\n", *kept]) if kept else ""


def _name_of(block: str) -> str:
    found = _NAME.search(block)
    assert found, block  # noqa: S101 - the vocabulary loads, so each block has a name
    return found[1]


def _is_named(prefix: str, block: str, names: frozenset[str]) -> bool:
    (table,) = tomllib.loads(block.replace("[[list.field]]", "[[fact]]"))["fact"]
    spelled = prefix + engine_name(table["name"], table["type"])
    members = {f"{spelled}.{value['code']}" for value in table.get("values", ())}
    return spelled in names or not names.isdisjoint(members)


def _owners(names: Iterable[str]) -> set[str]:
    return {name.partition("[")[0] for name in names}


def unread(vocabulary: Vocabulary, names: frozenset[str]) -> str:
    """Describe briefly what a case may hold and the service does not read: types and bounds."""
    owners = _owners(names)
    facts = [
        _brief(section.name, fact)
        for section in vocabulary.sections
        for fact in section.facts
        if not _has(fact.name, fact.codes, names)
    ]
    lists = [_brief_list(one) for one in vocabulary.lists.values() if one.name not in owners]
    fields = [
        _brief(entry.name, fact)
        for entry in vocabulary.lists.values()
        for fact in entry.written.values()
        if not (entry.name in owners and _is_kept(entry.name, fact, names))
    ]
    tables = {"fact": facts, "list": lists, "field": fields}
    return "\n".join(f"{kind} = [\n{''.join(lines)}]\n" for kind, lines in tables.items())


def _is_kept(home: str, fact: Fact, names: frozenset[str]) -> bool:
    return fact.type == "id" or _has(f"{home}[].{fact.name}", fact.codes, names)


def _has(name: str, codes: Iterable[str], names: frozenset[str]) -> bool:
    return name in names or any(f"{name}.{code}" in names for code in codes)


def _brief(home: str, fact: Fact) -> str:
    """Describe one fact, or field of a list, in one line."""
    about = {"home": home} | {key: fact.table[key] for key in _BRIEF if key in fact.table}
    if fact.derived:
        about["derived"] = True
    if fact.values:
        about["codes"] = list(fact.codes)
    return _inline(about)


def _brief_list(entry: ListFact) -> str:
    most = entry.table["maximum_items"]
    about = {"home": entry.section, "name": entry.name, "label": entry.label}
    return _inline(about | {"maximum_items": most} | ({"derived": True} if entry.derived else {}))


def _inline(about: Mapping[str, Any]) -> str:
    return f"  {{ {', '.join(f'{key} = {_toml(value)}' for key, value in about.items())} }},\n"


def _toml(value: Any) -> str:
    """Spell a text, number, truth value or list of texts; JSON spells them alike."""
    return json.dumps(value, ensure_ascii=False)


def stale(folder: Path, files: Files) -> list[str]:
    """Say which files of a knowledge folder differ from what they are made to be."""
    there = {f"facts/{path.name}" for path in (folder / "facts").glob("*.toml")} | {UNREAD}
    found = [
        f"{name}: nothing of it is read; run `make vocabulary`." for name in there - set(files)
    ]
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            found.append(f"{name}: differs from the owner's vocabulary; run `make vocabulary`.")
    return sorted(found)


def write(folder: Path, files: Files) -> None:
    """Write the files, and remove those of which nothing is read any more."""
    for path in (folder / "facts").glob("*.toml"):
        if f"facts/{path.name}" not in files:
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
