"""`backmice up` as it is, but whose supervisor starts again at once what dies again and again."""

import sys


def alter() -> None:
    """No child is altered."""


if __name__ == "__main__":
    import altered

    sys.exit(altered.run(__file__, lambda _: False, alter))
