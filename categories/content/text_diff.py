"""Two texts compared word by word. Pure."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

MOST_WORDS = 4_000  # in the two texts together, and the pairs of equal words to weigh up between them:
MOST_PAIRS = 50_000  # beyond either, whole lines are compared
# A word, with the space before it; the address of a link in Markdown is a word of its own
WORDS = r"(\s*)(\]\([^\s)]*\)?|(?:(?!\]\()\S)+|\Z)"
LINES = r"()([^\n]*\n?)"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text that both have (`same`), or only the earlier (`deleted`) or the later one (`inserted`)."""

    op: str
    text: str


Token = tuple[str, str]  # the space before a word, and the word


def compare_words(before: str, after: str) -> tuple[Segment, ...]:
    """Mark what was deleted and inserted, by words; by whole lines where words would take too long."""
    for pattern in (WORDS, LINES):
        old, new = re.findall(pattern, before), re.findall(pattern, after)
        if len(old) + len(new) <= MOST_WORDS and _pairs(old, new) <= MOST_PAIRS:
            return _segments(old, new)
    return tuple(Segment(op, text) for op, text in (("deleted", before), ("inserted", after)) if text)


def _pairs(old: list[Token], new: list[Token]) -> int:
    counts = Counter(word for _, word in new)
    return sum(number * counts[word] for word, number in Counter(word for _, word in old).items())


def _segments(old: list[Token], new: list[Token]) -> tuple[Segment, ...]:
    """Match words whatever the space before them: the first word of a text is the same word in the middle of one."""
    old_words, new_words = ([word for _, word in tokens] for tokens in (old, new))
    pieces = []
    for op, i, j, m, n in difflib.SequenceMatcher(None, old_words, new_words, autojunk=False).get_opcodes():
        if op != "equal":
            pieces += [("deleted", _text(old[i:j])), ("inserted", _text(new[m:n]))]
            continue
        for (was, word), (now, _) in zip(old[i:j], new[m:n], strict=True):
            pieces += [("same", now)] if was == now else [("deleted", was), ("inserted", now)]
            pieces.append(("same", word))
    return tuple(_joined(pieces))


def _text(tokens: list[Token]) -> str:
    return "".join(space + word for space, word in tokens)


def _joined(pieces: Iterable[tuple[str, str]]) -> Iterator[Segment]:
    """Join what stands together: between runs of the same, all that was deleted, then all that was inserted."""
    for _, run in groupby(filter(itemgetter(1), pieces), key=lambda piece: piece[0] == "same"):
        texts = {"same": "", "deleted": "", "inserted": ""}
        for op, text in run:
            texts[op] += text
        yield from (Segment(op, text) for op, text in texts.items() if text)
