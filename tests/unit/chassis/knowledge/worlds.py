"""Generated facts and conditions."""

from typing import Any

from hypothesis import strategies as st

NUMBERS = st.sampled_from([0, 1, 5, 10, 20, 30])
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
        "parcels": st.none()
        | st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "id": st.sampled_from("ab"),
                    "weight_kg": NUMBERS,
                    "sealed": st.booleans(),
                    "marks.up": st.booleans(),
                },
            ),
            max_size=3,
        ),
        "scans": st.lists(
            st.fixed_dictionaries(
                {},
                optional={"parcel_id": st.sampled_from("ab"), "before": NUMBERS, "after": NUMBERS},
            ),
            max_size=3,
        ),
    },
)
SIDES = ["above", "at_least", "below", "at_most", "equals"]
_COUNT = st.sampled_from(["at_least", "at_most", "exactly"])


def one(
    key: str, value: st.SearchStrategy[Any], **more: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({key: value, **more})


def numeric(operand: dict[str, Any]) -> st.SearchStrategy[Any]:
    compared = st.sampled_from(["equals", "not_equals", "at_least", "above", "at_most", "below"])
    single = st.builds(lambda key, number: {**operand, key: number}, compared, NUMBERS)
    several = st.builds(
        lambda key, numbers: {**operand, key: numbers},
        st.sampled_from(["in", "not_in"]),
        st.lists(NUMBERS, min_size=1, max_size=2),
    )
    between = st.builds(
        lambda low, more: {**operand, "between": [low, low + more]}, NUMBERS, NUMBERS
    )
    return single | several | between


def boolean(operand: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda key, value: {**operand, key: value},
        st.sampled_from(["equals", "not_equals"]),
        st.booleans(),
    )


def leaves(scope: tuple[str, ...], known: bool) -> st.SearchStrategy[Any]:
    """Leaves that make sense inside these lists."""
    found = [
        numeric({"fact": "distance_km"}),
        boolean({"fact": "fragile"}),
        boolean({"fact": "papers.invoice"}),
        boolean({"fact": "insured"}),
        numeric({"fact": "ordered_days_ago"}),
        st.builds(
            lambda codes: {"fact": "colour", "in": codes},
            st.lists(st.sampled_from(["red", "blue"]), min_size=1),
        ),
        st.builds(
            lambda code: {"fact": "colour", "equals": code}, st.sampled_from(["red", "blue"])
        ),
        numeric({"fall_points": ["speed", "limit"]}),
        st.builds(lambda side: {"compare": ["speed", "limit"], "is": side}, st.sampled_from(SIDES)),
        st.just({"rule": "EXT"}),
        st.just({"defined": "heavy"}),
        st.just({"rule": "R-0"}),
        st.just({"rule": "R-over"}),
    ]
    for name, key in _places(scope):
        if name == "parcels":
            found += [
                numeric({key: "weight_kg"}),
                boolean({key: "sealed"}),
                boolean({key: "marks.up"}),
            ]
        else:
            found += [numeric({key: "before"})]
    if scope and scope[-1] == "scans":
        found += [
            numeric({"fall_percent": ["before", "after"]}),
            numeric({"fall_points": ["before", "speed"]}),
        ]
        found += [
            st.builds(
                lambda side: {"compare": ["before", "after"], "is": side}, st.sampled_from(SIDES)
            )
        ]
    if known:
        names = st.sampled_from(["fragile", "distance_km", "parcels", "scans"])
        found += [st.builds(lambda name, yes: {"fact": name, "known": yes}, names, st.booleans())]
        if scope and scope[-1] == "parcels":
            found += [st.builds(lambda yes: {"item": "weight_kg", "known": yes}, st.booleans())]
        if scope and scope[-1] == "scans":
            found += [
                st.builds(
                    lambda yes: {"fall_percent": ["before", "after"], "known": yes}, st.booleans()
                )
            ]
    return st.one_of(found)


def _places(scope: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(reversed(scope), ["item", "outer_item"], strict=False))


def conditions(
    scope: tuple[str, ...] = (), depth: int = 3, known: bool = True
) -> st.SearchStrategy[Any]:
    """Conditions that make sense inside these lists."""
    leaf = leaves(scope, known)
    if depth == 0:
        return leaf
    inner = conditions(scope, depth - 1, known)
    several = st.lists(inner, min_size=1, max_size=3)
    found = [leaf, one("all", several), one("any", several), one("not", inner)]
    found += [
        st.builds(
            lambda parts, key, n: {"count": parts, key: min(n, len(parts))},
            several,
            _COUNT,
            st.integers(0, 3),
        )
    ]
    if len(scope) < 3:
        found += [_quantified(scope, name, depth, known) for name in ("parcels", "scans")]
    return st.one_of(found)


def _quantified(
    scope: tuple[str, ...], name: str, depth: int, known: bool
) -> st.SearchStrategy[Any]:
    where = conditions((*scope, name), depth - 1, known)
    joined = st.just({})
    if name == "scans" and scope and scope[-1] == "parcels":
        joined = st.sampled_from([{}, {"matching": "parcel_id"}])
    plain = st.builds(
        lambda kind, where, extra: {kind: name, "where": where, **extra},
        st.sampled_from(["any_of", "all_of", "none_of"]),
        where,
        joined,
    )
    counted = st.builds(
        lambda where, extra, key, n: {"count_of": name, "where": where, key: n, **extra},
        where,
        joined,
        _COUNT,
        st.integers(0, 3),
    )
    return plain | counted
