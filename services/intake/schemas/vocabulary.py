"""The vocabulary as it is served: what a case may say, and in which words."""

from msgspec import Struct, field

from rules.language.codes import FactType


class CodedValue(Struct, frozen=True, kw_only=True):
    """One value of a coded fact.

    Attributes:
        code: As it is sent.
        label: As people call it.
    """

    code: str
    label: str


class VocabularyFact(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One fact.

    Attributes:
        name: As it is sent.
        label: As people call it.
        question: As a person is asked for it.
        type: What its values are.
        values: Its values, if it is coded.
        unit: The unit of its numbers.
        minimum: The least plausible number.
        maximum: The largest plausible number.
        step: The step between its numbers.
        range_source: Who says what is plausible.
        help: What else there is to know.
        needed_by: The rules that read it.
        evidence: Keys of the bibliography.
        per_contact: Whether it counts for one contact, so that a follow-up clears it.
        stays: The service that never sends it on.
    """

    name: str
    label: str
    type: FactType
    question: str | None = None
    values: list[CodedValue] | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    range_source: str | None = None
    help: str | None = None
    needed_by: list[str] | None = None
    evidence: list[str] | None = None
    per_contact: bool | None = None
    stays: str | None = None


class VocabularyList(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A list whose elements have the same fields.

    Attributes:
        name: As it is sent, at the top level of a case.
        label: As people call it.
        question: As a person is asked for it.
        field: The fields of an element.
        maximum_items: How many elements it holds at most.
        grows: Whether it only grows, by follow-ups.
        recorded: Whether its elements are events that were recorded.
        note: How it is derived, if nobody sends it.
        count: The fact that counts its elements.
        help: What else there is to know.
        needed_by: The rules that read it.
    """

    name: str
    label: str
    question: str | None = None
    elements: list[VocabularyFact] = field(name="field")
    maximum_items: int
    grows: bool | None = None
    recorded: bool
    note: str | None = None
    count: str | None = None
    help: str | None = None
    needed_by: list[str] | None = None


class VocabularySection(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A section of a case.

    Attributes:
        section: As it is sent.
        title: As people call it.
        about: What belongs into it.
        fact: Its facts.
        list: The lists that belong to it.
    """

    section: str
    title: str
    about: str
    facts: list[VocabularyFact] | None = field(name="fact", default=None)
    lists: list[VocabularyList] | None = field(name="list", default=None)


class VocabularyDocument(Struct, frozen=True, kw_only=True):
    """What a case may say, and in which words.

    Attributes:
        digest: Names this vocabulary.
        how_to: How a case is written, sentence by sentence.
        sections: The sections, in the order in which they are asked.
    """

    digest: str
    how_to: list[str]
    sections: list[VocabularySection]
