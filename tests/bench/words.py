"""The longest and most repetitive texts, compared word by word, against an ordinary long one."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.clockwork import Row, milliseconds, seconds_of  # it sets Django up

from categories.content import text_diff  # isort: skip
from categories.content.schema import LONGEST_TEXT  # isort: skip


def rows(folder: Path) -> Iterator[Row]:
    words = [f"word{number}" for number in range(1500)]
    ordinary = " ".join(words), " ".join(word if place % 10 else "new" for place, word in enumerate(words))
    base = seconds_of(lambda: text_diff.compare_words(*ordinary))
    long = LONGEST_TEXT // 4
    # 200 times “the” on each side, between words of which none is shared, is nearly all that is weighed word by word
    between = [" ".join(f"the {side}{number}" for number in range(200)) for side in "ab"]
    pairs = {
        "one word, over and over": ("the " * long, "the " * (long - 1)),
        "two words, over and over": ("on off " * (long // 2), "off on " * (long // 2)),
        "one line, over and over": ("the\n" * long, "the\n" * (long - 1) + "end"),
        "as much as is compared by words": tuple(between),
    }
    for name, (before, after) in pairs.items():
        found = seconds_of(lambda before=before, after=after: text_diff.compare_words(before, after), 3)
        yield Row(f"word difference, {name}: time", milliseconds(found), milliseconds(base), found / base, 20)
