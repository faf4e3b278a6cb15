"""Three-valued truth as small integers, so that *and* and *or* are one machine operation."""

Verdict = bool | None

# "Possible" is bit 0, "certain" is bit 1: & is Kleene's and, | is Kleene's or.
FALSE = 0
UNKNOWN = 1
TRUE = 3

NOT = (TRUE, UNKNOWN, UNKNOWN, FALSE)
VERDICT: tuple[Verdict, ...] = (False, None, None, True)
CODE: dict[Verdict, int] = {False: FALSE, None: UNKNOWN, True: TRUE}
WORD: dict[Verdict, str] = {False: "false", None: "unknown", True: "true"}
FROM_WORD: dict[str, Verdict] = {word: verdict for verdict, word in WORD.items()}

UNBOUNDED = 1 << 60  # how many more elements an incomplete list may have


def counted(certain: int, possible: int, comparison: str, number: int) -> int:
    """Judge a count of which only the bounds are known.

    Args:
        certain: how many are certainly true.
        possible: how many are true or may still turn out true.
        comparison: ``at_least``, ``at_most`` or ``exactly``.
        number: what the count is compared to.

    Returns:
        The code of the verdict.
    """
    if comparison == "at_least":
        return TRUE if certain >= number else UNKNOWN if possible >= number else FALSE
    if comparison == "at_most":
        return TRUE if possible <= number else UNKNOWN if certain <= number else FALSE
    if certain > number or possible < number:
        return FALSE
    return TRUE if certain == possible else UNKNOWN


def fall_percent(before: float | None, after: float | None) -> float | None:
    """Fall from one value to the next, in percent of the first; zero has no percentage."""
    if before is None or after is None or not before:
        return None
    return round(100 * (before - after) / before, 9)


def fall_points(before: float | None, after: float | None) -> float | None:
    """Fall from one value to the next, in the value's own unit."""
    if before is None or after is None:
        return None
    return round(before - after, 9)
