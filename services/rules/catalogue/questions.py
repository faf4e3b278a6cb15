"""Asks for a fact as people would."""

from rules.language.vocabulary import Vocabulary


def question(vocabulary: Vocabulary, name: str) -> str:
    """Ask for a fact, a member of a set, a field of an element, or a whole list.

    Args:
        vocabulary: it writes a ``question`` beside the label; for a set, ``{}`` is the member.
        name: such as ``colour``, ``papers.permit``, ``parcels[2].weight_kg`` or ``parcels``.
    """
    if name in vocabulary.lists:
        entry = vocabulary.lists[name]
        return str(entry.table.get("question") or f"{entry.label}?")
    fact = vocabulary.fact(name)
    asked = str(fact.table.get("question") or f"{fact.label}?")
    member = fact.label.removeprefix(f"{fact.table.get('label')}: ")
    return asked.format(member) if fact.member_of else asked
