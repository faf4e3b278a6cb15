"""`backmice up`, whose supervisor starts again at once what dies again and again.

It pauses longer each time, up to 5 s, for a process that cannot live; ours die on purpose.
"""

import sys

PAUSE_S = 0.2


def alter() -> None:
    """No child is altered."""


if __name__ == "__main__":
    import altered

    from backmice import children

    children.LONGEST_PAUSE_S = PAUSE_S  # type: ignore[misc]
    sys.exit(altered.run(__file__, lambda _: False, alter))
