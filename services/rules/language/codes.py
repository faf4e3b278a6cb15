"""What rules are marked with: how strong, in which state."""

from enum import StrEnum


class Strength(StrEnum):
    """How well a rule is supported; the label of its set says what each means there.

    Attributes:
        strong: Guidelines or several studies agree.
        moderate: A guideline, or studies with limits.
        weak: Case series, single cases, or evidence from a neighbouring condition.
        project choice: No source states it; this project chose it.
    """

    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    PROJECT_CHOICE = "project choice"


class RuleStatus(StrEnum):
    """Whether a rule is in use.

    Attributes:
        draft: Being written; never judged.
        active: Judged on the dates on which a version of it is in force.
        retired: No longer judged; kept, so that older results can be repeated.
    """

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class FactType(StrEnum):
    """The type of a fact.

    Attributes:
        boolean: true or false.
        integer: A whole number.
        number: A number.
        date: A date; rules know how many days ago it was.
        days_ago: How many days ago something was.
        code: One of its values.
        codes: An object with true, false or null for each of its values.
        ages: An object with the age in days of the answer to each of its facts.
        text: Free text; it never leaves the service that takes it in.
        id: The name of an element of a list, chosen by the caller.
        ref: The name of an element of another list.
    """

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    DAYS_AGO = "days_ago"
    DATE = "date"
    CODE = "code"
    CODES = "codes"
    AGES = "ages"
    TEXT = "text"
    ID = "id"
    REF = "ref"
