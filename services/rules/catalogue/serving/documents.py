"""What is served of rules, as typed documents."""

import datetime as dt
from typing import Any

from msgspec import Struct

from rules.language.codes import RuleStatus, Strength


class NamedSet(Struct, frozen=True, kw_only=True):
    """A set of rules.

    Attributes:
        version: Its version.
        sha256: The digest of its canonical content.
    """

    version: str
    sha256: str


class InForce(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """From when until when something is in force.

    Attributes:
        from: The first day.
        to: The last day; null until further notice.
    """

    start: dt.date
    end: dt.date | None


class RuleSummary(Struct, frozen=True, kw_only=True):
    """A rule in a list: its newest version in short.

    Attributes:
        id: Stable for ever.
        title: What it is called.
        status: Whether it is in use.
        in_force: From when until when.
        strength: How well it is supported.
        because: What it says, in one sentence.
        sources: Keys of the bibliography.
    """

    id: str
    title: str
    status: RuleStatus
    in_force: InForce
    strength: Strength | None
    because: str
    sources: list[str]


class RuleVersion(Struct, frozen=True, kw_only=True):
    """One version of a rule; at most one is in force on a day.

    Attributes:
        in_force: From when until when.
        strength: How well it is supported.
        strength_note: What else there is to say of its strength.
        project_choice: What the project decided without a source.
        because: What it says, in one sentence.
        sources: Keys of the bibliography.
        in_words: Its condition in words.
        when: Its condition as data.
        then: What follows, as data; its members depend on what the rule is for.
    """

    in_force: InForce
    strength: Strength | None
    strength_note: str | None
    project_choice: str | None
    because: str
    sources: list[str]
    in_words: str
    when: dict[str, Any]
    then: dict[str, Any]


class RuleDefinition(Struct, frozen=True, kw_only=True):
    """A condition with a name that rules use.

    Attributes:
        id: Its name.
        because: What it says, in one sentence.
        in_words: The condition in words.
        sources: Keys of the bibliography.
        project_choice: What the project decided without a source.
    """

    id: str
    because: str
    in_words: str
    sources: list[str]
    project_choice: str | None


class Hazard(Struct, frozen=True, kw_only=True):
    """A hazard that the rule controls.

    Attributes:
        id: Its number in the safety file.
        title: What it is called.
        why: How it could do harm.
        shown_by: The tests that show that it is controlled.
    """

    id: str
    title: str
    why: str
    shown_by: list[str]


class AttributeUse(Struct, frozen=True, kw_only=True):
    """Whether a rule uses an attribute of a person.

    Attributes:
        used: Whether it does.
        facts: The recorded facts by which it does.
        through: The computed facts that may rest on it.
        recorded: Whether such a fact is recorded at all.
    """

    used: bool
    facts: list[str]
    through: list[str]
    recorded: bool


class SourceAttributes(Struct, frozen=True, kw_only=True):
    """The source attributes of evidence-based decision support (45 CFR 170.315(b)(11)).

    Attributes:
        developer: Who made the rule.
        funding: Who paid for it.
        citations: The sources, as people cite them.
        release_date: When its first version came into force.
        revision_dates: When each later version did.
        uses: For each attribute of a person, whether the rule uses it.
    """

    developer: str
    funding: str
    citations: list[str]
    release_date: dt.date
    revision_dates: list[dt.date]
    uses: dict[str, AttributeUse]


class EvidenceGrade(Struct, frozen=True, kw_only=True):
    """How well a rule is supported.

    Attributes:
        strength: The grade.
        note: What else there is to say of it.
        meaning: What the grade means.
        project_choice: What the project decided without a source.
    """

    strength: Strength | None
    note: str | None
    meaning: str | None
    project_choice: str | None


class RuleLabel(Struct, frozen=True, kw_only=True):
    """What a rule is for, for whom, on what it rests, and where its limits are.

    Attributes:
        intended_use: What it is for.
        intended_users: Who may use it.
        population: For which patients.
        evidence_grade: How well it is supported.
        limits: What it cannot do.
        hazards: The hazards that it controls.
        source_attributes: The source attributes.
    """

    intended_use: str
    intended_users: str
    population: str
    evidence_grade: EvidenceGrade
    limits: list[str]
    hazards: list[Hazard]
    source_attributes: SourceAttributes


class RuleCases(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The cases that test a rule, by what they show.

    Attributes:
        count: How many.
        fires: In these it fires.
        near_miss: In these it just does not.
        unknown: In these a finding that it needs is unknown.
    """

    count: int
    fires: list[str] = []
    near_miss: list[str] = []
    unknown: list[str] = []


class PublishedCases(Struct, frozen=True, kw_only=True):
    """Published cases in which a rule plays a part.

    Attributes:
        fires: In these it fires.
        decides_by_firing: In these the result would be another without it.
    """

    fires: list[str]
    decides_by_firing: list[str]


class RuleTests(Struct, frozen=True, kw_only=True):
    """How a rule is tested.

    Attributes:
        cases: Its own cases.
        cases_of_definitions: How many cases test each definition that it uses; `count`: all.
        published: Published cases.
    """

    cases: RuleCases
    cases_of_definitions: dict[str, int]
    published: PublishedCases


class Decisive(Struct, frozen=True, kw_only=True):
    """How often a rule was decisive in the newest judgements, which are judged again to count it.

    Attributes:
        over: Over how many judgements was counted.
        at_most: Over how many at most.
        times: Altogether.
        by_firing: Because it fired.
        by_being_unknown: Because it was unknown.
        by_not_firing: Because it did not fire.
    """

    over: int
    at_most: int
    times: int
    by_firing: int
    by_being_unknown: int
    by_not_firing: int


class RuleUse(Struct, frozen=True, kw_only=True):
    """How a rule came out in the clinic's own cases.

    Attributes:
        over: Over how many judgements was counted.
        at_most: Over how many at most.
        since: When the oldest of them was made; null if there is none.
        judged: How often the rule was judged.
        fired: How often it fired.
        unknown: How often it was unknown.
        decisive: How often it was decisive.
        can_be_decisive: Whether it can be at all.
        decisive_means: What *decisive* means.
    """

    over: int
    at_most: int
    since: dt.datetime | None
    judged: int
    fired: int
    unknown: int
    decisive: Decisive
    can_be_decisive: bool
    decisive_means: str


class Citation(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A source.

    Attributes:
        text: As people cite it.
        doi: Its DOI.
        pmid: Its number in PubMed.
        url: Where it is, if it has no such number.
        read: How deeply it was read for these rules.
        note: What else there is to say of it.
    """

    text: str
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    read: str | None = None
    note: str | None = None


class RulePage(Struct, frozen=True, kw_only=True):
    """A rule whole: every version, its conditions, what it reads, its label, tests and use.

    Attributes:
        id: Stable for ever.
        title: What it is called.
        status: Whether it is in use.
        sign_off: Who has signed it off.
        judged_over: The list over whose elements it is judged, if it is.
        versions: Each version, the oldest first.
        definitions: The definitions that it uses.
        rules: The rules whose verdicts it reads.
        facts: The recorded facts that it reads.
        computed: The computed facts that it reads, each with the facts from which it is computed.
        label: What it is for, on what it rests, and where its limits are.
        tests: How it is tested.
        use: How it came out in the clinic's own cases.
        file: The file that it is written in.
        citations: Its sources in full, by key.
    """

    id: str
    title: str
    status: RuleStatus
    sign_off: str
    judged_over: str | None
    versions: list[RuleVersion]
    definitions: list[RuleDefinition]
    rules: list[str]
    facts: list[str]
    computed: dict[str, list[str]]
    label: RuleLabel
    tests: RuleTests
    use: RuleUse
    file: str
    citations: dict[str, Citation]
