"""Generated facts and conditions."""

import functools
from typing import Any

from hypothesis import strategies as st

NUMBERS = st.sampled_from([0, 1, 5, 10, 20, 30])
PARCELS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from("ab"),
        "weight_kg": NUMBERS,
        "sealed": st.booleans(),
        "marks.up": st.booleans(),
    },
)
SCANS = st.fixed_dictionaries(
    {}, optional={"parcel_id": st.sampled_from("ab"), "before": NUMBERS, "after": NUMBERS}
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "distance_km": NUMBERS,
        "speed": NUMBERS,
        "limit": NUMBERS,
        "fragile": st.booleans(),
        "insured": st.none() | st.booleans(),
        "colour": st.sampled_from(["red", "blue", "grey"]),
        "papers.invoice": st.booleans(),
        "ordered_days_ago": NUMBERS,
        "parcel_count": st.sampled_from([0, 1, 2, 4]),
        "parcels": st.none() | st.lists(PARCELS, max_size=3),
        "scans": st.lists(SCANS, max_size=3),
    },
)
Conditions = st.SearchStrategy[Any]
SIDES = ["above", "at_least", "below", "at_most", "equals"]
_COUNT = st.sampled_from(["at_least", "at_most", "exactly"])


def numeric(operand: dict[str, Any]) -> Conditions:
    compared = st.sampled_from(["equals", "not_equals", "at_least", "above", "at_most", "below"])
    single = st.builds(lambda key, number: {**operand, key: number}, compared, NUMBERS)
    several = st.builds(
        lambda key, numbers: {**operand, key: numbers},
        st.sampled_from(["in", "not_in"]),
        st.lists(NUMBERS, min_size=1, max_size=2),
    )
    pairs = st.tuples(NUMBERS, NUMBERS).map(sorted)
    return single | several | pairs.map(lambda pair: {**operand, "between": pair})


def boolean(operand: dict[str, Any]) -> Conditions:
    compared = st.sampled_from(["equals", "not_equals"])
    return st.builds(lambda key, value: {**operand, key: value}, compared, st.booleans())


def chosen(key: str, values: Any, **fixed: Any) -> Conditions:
    return values.map(lambda value: {**fixed, key: value})


CODES = st.sampled_from(["red", "blue"])
SHIPMENT = [
    numeric({"fact": "distance_km"}),
    boolean({"fact": "fragile"}),
    boolean({"fact": "papers.invoice"}),
    boolean({"fact": "insured"}),
    numeric({"fact": "ordered_days_ago"}),
    chosen("in", st.lists(CODES, min_size=1, max_size=2), fact="colour"),
    chosen("equals", CODES, fact="colour"),
    numeric({"fall_points": ["speed", "limit"]}),
    chosen("is", st.sampled_from(SIDES), compare=["speed", "limit"]),
    st.just({"rule": "EXT"}),
    st.just({"defined": "heavy"}),
    st.just({"rule": "R-0"}),
    st.just({"rule": "R-over"}),
]
ONE_SCAN = [
    numeric({"fall_percent": ["before", "after"]}),
    numeric({"fall_points": ["before", "speed"]}),
    chosen("is", st.sampled_from(SIDES), compare=["before", "after"]),
]
NAMES = st.sampled_from(["fragile", "distance_km", "parcels", "scans"])
KNOWN = {
    "": [st.builds(lambda name, yes: {"fact": name, "known": yes}, NAMES, st.booleans())],
    "parcels": [chosen("known", st.booleans(), item="weight_kg")],
    "scans": [chosen("known", st.booleans(), fall_percent=["before", "after"])],
}


@functools.cache
def leaves(scope: tuple[str, ...], known: bool) -> Conditions:
    """Leaves that make sense inside these lists."""
    found = list(SHIPMENT)
    for name, key in _places(scope):
        if name == "parcels":
            found += [numeric({key: "weight_kg"}), boolean({key: "sealed"})]
            found += [boolean({key: "marks.up"})]
        else:
            found += [numeric({key: "before"})]
    if scope and scope[-1] == "scans":
        found += ONE_SCAN
    if known:
        found += KNOWN[""] + (KNOWN[scope[-1]] if scope else [])
    return st.one_of(found)


def _places(scope: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(reversed(scope), ["item", "outer_item"], strict=False))


KINDS = ("leaf", "leaf", "all", "any", "not", "count", "any_of", "all_of", "none_of", "count_of")


@st.composite
def conditions(
    draw: st.DrawFn, scope: tuple[str, ...] = (), depth: int = 3, known: bool = True
) -> dict[str, Any]:
    """Conditions that make sense inside these lists, as many of each kind."""
    kind = draw(st.sampled_from(KINDS if len(scope) < 3 else KINDS[:6])) if depth else "leaf"
    if kind == "leaf":
        return draw(leaves(scope, known))
    if kind.endswith("_of"):
        return _quantified(draw, kind, scope, depth, known)
    inner = conditions(scope, depth - 1, known)
    if kind == "not":
        return {"not": draw(inner)}
    children = draw(st.lists(inner, min_size=1, max_size=3))
    number = {draw(_COUNT): draw(st.integers(0, len(children)))} if kind == "count" else {}
    return {kind: children, **number}


def _quantified(
    draw: st.DrawFn, kind: str, scope: tuple[str, ...], depth: int, known: bool
) -> dict[str, Any]:
    name = draw(st.sampled_from(["parcels", "scans"]))
    table = {kind: name, "where": draw(conditions((*scope, name), depth - 1, known))}
    if name == "scans" and scope and scope[-1] == "parcels" and draw(st.booleans()):
        table["matching"] = "parcel_id"
    if kind == "count_of":
        table[draw(_COUNT)] = draw(st.integers(0, 3))
    return table
