"""`python -m gateway api` serves the gateway."""

import sys

from chassis.http.server import serve

USAGE = "usage: python -m gateway api"


def main(arguments: list[str]) -> int:
    if arguments != ["api"]:
        print(USAGE, file=sys.stderr)
        return 2
    serve("gateway.app:api()")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
