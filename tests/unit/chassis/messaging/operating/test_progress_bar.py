"""A progress bar is drawn for people only."""

import io

from chassis.messaging.operating.progress_bar import ProgressBar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_is_drawn_for_people_and_takes_itself_away():
    seen = Terminal()
    bar = ProgressBar("work", seen)
    bar(1, 2)
    bar(2, 2)
    first, _, rest = seen.getvalue()[1:].partition("\r")
    assert first == "work [" + "#" * 15 + " " * 15 + "] 1/2"
    assert rest.endswith("2/2\r\x1b[K")


def test_a_bar_is_not_drawn_into_a_file_or_for_nothing():
    file, seen = io.StringIO(), Terminal()
    ProgressBar("work", file)(1, 2)
    ProgressBar("work", seen)(0, 0)
    assert file.getvalue() == seen.getvalue() == ""
