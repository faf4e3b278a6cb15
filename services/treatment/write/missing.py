"""Writes the whole list of missing findings, computed again when the document is asked for."""

from treatment.judge.changes import Missing, missing_findings
from treatment.judge.judging import Case
from treatment.write.reasons import Item, Writing, label


def missing_items(writing: Writing, case: Case) -> list[Item]:
    """Lists unknown findings on which something still depends, with what each could change."""
    return [_item(writing, one) for one in missing_findings(writing.judgement, case)]


def _item(writing: Writing, missing: Missing) -> Item:
    words = label(writing.judgement, missing.fact)
    item: Item = {
        "fact": missing.fact,
        "label": words,
        "could_change": [
            {"conclusion": one.conclusion, "if": one.value, "to": one.to} for one in missing.changes
        ],
        "together": not missing.changes,
    }
    if missing.changes:
        conclusions = {_short(one.conclusion) for one in missing.changes}
        names = ", ".join(sorted(conclusions)).replace("_", " ")
        item["sentence"] = writing.text("missing.sentence", label=words, conclusions=names)
    return item


def _short(conclusion: str) -> str:
    return conclusion.partition(":")[2] or conclusion
