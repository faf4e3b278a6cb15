"""A moment on the command line is a time, or so long ago."""

from chassis.clock import now_us
from chassis.messaging.operating.arguments import moment as read_moment
from chassis.messaging.operating.printing import moment


def test_a_moment_is_a_time_or_so_long_ago():
    assert read_moment("1970-01-01T00:00:01Z") == read_moment("1970-01-01T00:00:01") == 1_000_000
    assert abs(now_us() - read_moment("2h") - 7_200_000_000) < 5_000_000
    assert moment(1_000_000) == "1970-01-01T00:00:01Z"
