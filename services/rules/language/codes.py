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
