"""A difference as it is shown: what cannot be seen or told apart is named, lists are told item by item. Pure."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from .text_diff import Segment
from .words import BLANKS

LONGEST_PAIR = 400  # characters of a run that is looked at for characters that look alike
# What a piece of a changed run can be: breaks and spaces that nobody would see, and any other character
PIECES = re.compile(r"\n(?:[ \t]*\n)+|\n| {2,}| |[^ \n]")
UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})  # Unicode's general categories of what is drawn as nothing
LETTERS = re.compile(r"[^\W\d_]+")
LOOK_ALIKE = ("0Oo", "1lI|", "'`", ",.", ";:")  # of the characters that a keyboard has
ONLY_SPACES = "Only spaces and line breaks differ."
ONLY_UNSEEN = "Only characters that cannot be seen differ."
ONLY_ALIKE = "Only characters that are hard to tell apart differ."


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, exactly as it is, with words that name it where it cannot be seen, and a sign for them."""

    text: str
    words: str = ""
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces that both have (`same`), or only the earlier (`deleted`) or the later one (`inserted`)."""

    op: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


Row = tuple[Run, ...]


def shown(segments: Sequence[Segment]) -> Row:
    """Say a difference so that all of it can be seen. The texts of its pieces are exactly those of the segments.

    >>> [piece.words for piece in shown([Segment("deleted", chr(10) * 2)])[0].pieces]
    ['paragraph break']
    """
    runs = []
    for segment, named in _with_look_alikes(segments):
        pieces = (Piece(segment.text),) if segment.op == "same" else tuple(_pieces(segment.text, named))
        runs.append(Run(segment.op, pieces))
    return tuple(runs)


def item_rows(before: Sequence[str], after: Sequence[str], *, is_set: bool = False) -> tuple[Row, ...]:
    """Compare lists item by item: a row each. Of a set, whatever both have is the same wherever it stands.

    >>> [[run.op for run in row] for row in item_rows(["England and Wales"], ["England", "Wales"])]
    [['deleted'], ['inserted'], ['inserted']]
    """
    if is_set:
        before = _in_order_of(before, after)
    found: list[Segment] = []
    for op, i, j, m, n in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal":
            found += [Segment("same", item) for item in before[i:j]]
            continue
        pairs = min(j - i, n - m)  # each beside what stands in its place
        for old, new in zip(before[i:j], after[m:n], strict=False):
            found += [Segment("deleted", old), Segment("inserted", new)]
        found += [Segment("deleted", item) for item in before[i + pairs : j]]
        found += [Segment("inserted", item) for item in after[m + pairs : n]]
    return tuple((run,) for run in shown(found))


def _in_order_of(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the items of one list, those that the other has too in its order, before those that it has not."""
    left = Counter(before)
    kept = []
    for item in after:
        if left[item]:
            left[item] -= 1
            kept.append(item)
    return [*kept, *left.elements()]


def note(segments: Sequence[Segment]) -> str:
    """Say that no more differs than what is hard to see. Empty where something else does."""
    before, after = (_text(segments, op) for op in ("deleted", "inserted"))
    if not (before and after) or before == after:
        return ""
    if "".join(before.split()) == "".join(after.split()):
        return ONLY_SPACES
    if _seen(before) == _seen(after):
        return ONLY_UNSEEN
    changed = [(segment, named) for segment, named in _with_look_alikes(segments) if segment.op != "same"]
    return ONLY_ALIKE if all(named or not segment.text.strip() for segment, named in changed) else ""


def _text(segments: Sequence[Segment], op: str) -> str:
    return "".join(segment.text for segment in segments if segment.op in ("same", op))


def _seen(text: str) -> str:
    return "".join(char for char in text if char not in BLANKS and unicodedata.category(char) not in UNSEEN)


def _with_look_alikes(segments: Sequence[Segment]) -> Iterator[tuple[Segment, frozenset[int]]]:
    """Yield each segment with the places of the characters that are to be named, since they look like others."""
    inserted: frozenset[int] = frozenset()
    for segment, following in zip_longest(segments, segments[1:]):
        if segment.op == "deleted" and following and following.op == "inserted":
            deleted, inserted = _hard_to_tell(segment.text, following.text)
            yield segment, deleted
        else:
            yield segment, inserted if segment.op == "inserted" else frozenset()
            inserted = frozenset()


def _hard_to_tell(old: str, new: str) -> tuple[frozenset[int], frozenset[int]]:
    """The places where two texts differ, if all that differs is hard to tell apart; else none."""
    if max(len(old), len(new)) > LONGEST_PAIR:
        return frozenset(), frozenset()
    if len(old) == len(new):  # in its place each, such as the I of “Ill”
        differing = [place for place, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
        if all(_look_alike(old[place], new[place]) for place in differing):
            return frozenset(differing), frozenset(differing)
    places: tuple[set[int], set[int]] = set(), set()
    for op, i, j, m, n in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            continue
        if not _look_alike(old[i:j], new[m:n]):
            return frozenset(), frozenset()
        is_pair = j - i == n - m == 1
        places[0].update(place for place in range(i, j) if is_pair or not old[place].isascii())
        places[1].update(place for place in range(m, n) if is_pair or not new[place].isascii())
    return frozenset(places[0]), frozenset(places[1])


def _look_alike(old: str, new: str) -> bool:
    """Whether one stretch can be taken for the other: an accent, another alphabet, another dash, l for I, a space."""
    if not (old + new).strip():
        return True
    if len(old) == len(new) == 1:
        return not (old + new).isascii() or any(old in group and new in group for group in LOOK_ALIKE)
    plain = max(sum(char.isascii() and char.isalnum() for char in side) for side in (old, new))
    return plain <= 1 and not (old + new).isascii() and max(len(old), len(new)) <= 3


def _pieces(text: str, named: frozenset[int]) -> Iterator[Piece]:
    """Cut a changed text where something of it is to be named."""
    named |= frozenset(_of_other_alphabets(text))
    is_all_space, plain = not text.strip(" \n"), ""
    for found in PIECES.finditer(text):
        piece = _piece(found[0], found.start() in named, is_all_space)
        if not piece.words:
            plain += piece.text
            continue
        if plain:
            yield Piece(plain)
            plain = ""
        yield piece
    if plain:
        yield Piece(plain)


def _piece(text: str, is_named: bool, is_all_space: bool) -> Piece:
    if text.startswith("\n"):
        return Piece(text, "line break", "↵") if text == "\n" else Piece(text, "paragraph break", "¶")
    if text.startswith("  ") or (text == " " and is_all_space):
        return Piece(text, f"{len(text)} spaces" if len(text) > 1 else "space", "␣" * len(text))
    if is_named or text in BLANKS or (text != " " and unicodedata.category(text) in UNSEEN):
        return Piece(text, name_of(text))
    return Piece(text)


def _of_other_alphabets(text: str) -> Iterable[int]:
    """The places of letters that stand in one word with letters of the Latin alphabet, and are of another."""
    if text.isascii():
        return
    for word in LETTERS.finditer(text):
        other = [place for place, char in enumerate(word[0], word.start()) if not _is_latin(char)]
        if len(other) < len(word[0]):
            yield from other


def _is_latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith(("LATIN", "MODIFIER", "FEMININE", "MASCULINE"))


def name_of(char: str) -> str:
    """Name a character as Unicode does.

    >>> name_of("\\u0430"), name_of("\\t")
    ('Cyrillic small letter a', 'Tab')
    """
    return "Tab" if char == "\t" else unicodedata.name(char, f"U+{ord(char):04X}").capitalize()
