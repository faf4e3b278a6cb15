"""The table that a run prints."""

from collections.abc import Mapping, Sequence

from bench.load import Times

Row = tuple[str, str, str, str, str]


def both(name: str, times: Times, other: Times, what: str, budget: str = "-") -> list[Row]:
    """Compare median and 99th percentile."""
    return [
        (
            f"{name}, {which} (ms)",
            f"{getattr(times, which):.2f}",
            f"{getattr(other, which):.2f}  {what}",
            f"{getattr(times, which) / getattr(other, which):.1f} x",
            budget if which == "p50" else "-",
        )
        for which in ("p50", "p99")
    ]


def rate(name: str, found: float, other: float, what: str, budget: str = "-") -> Row:
    """Compare cases per second."""
    return (
        f"{name} (cases/s)",
        f"{found:.0f}",
        f"{other:.0f}  {what}",
        f"1/{other / found:.1f}" if other > found else f"{found / other:.1f} x",
        budget,
    )


def processes(whose: str, cpu: Mapping[str, float]) -> list[Row]:
    """Show the CPU per case of each process."""
    return [
        (f"CPU per case, {whose}: {name} (ms)", f"{ms:.2f}", "", "", "-")
        for name, ms in cpu.items()
    ]


def show(rows: Sequence[Row]) -> None:
    """Print it."""
    table = [("", "product", "beside it, same run", "ratio", "must"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(5)]
    for row in table:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
