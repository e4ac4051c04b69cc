"""Words that are searched for: whole ones with their English endings, phrases, and ways of writing levels. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import snowballstemmer

from . import markdown
from .schema import ShortForm

# A letter or digit, then more of them with the accents that may stand apart and the apostrophes inside words
WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|['’](?=[^\W_]))*")
PHRASE = re.compile(r'["“”]([^"“”]*)["“”]')
LEVEL = re.compile(r"l(?:evels?)?([0-9])")  # “level3” and “L3”
STEMMER = snowballstemmer.stemmer("english")

Term = str  # stems with a space between each two: a word, or a phrase
Stems = str  # a text as it is searched: its stems with a space before and after each


def fold(text: str) -> str:
    """Return text as it is compared: without accents, case and apostrophes."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter not in "'’" and not unicodedata.combining(letter))


@lru_cache(maxsize=8192)
def stems_of(word: str) -> tuple[str, ...]:
    """Return the stems of a word as it is written: mostly one, but “L3” is “level 3”, and “tlevel” is “T level”.

    >>> stems_of("Caring"), stems_of("career"), stems_of("KSBs"), stems_of("L3"), stems_of("T"), stems_of("tlevels")
    (('care',), ('career',), ('ksb',), ('level', '3'), ('t',), ('t', 'level'))
    """
    folded = fold(word)
    if level := LEVEL.fullmatch(folded):
        return ("level", level[1])
    if folded in {"tlevel", "tlevels"}:
        return ("t", "level")
    # What a letter folds to may have a space in it
    return tuple(_stem(one) for one in WORD.findall(folded))


def _stem(word: str) -> str:
    """Drop the ending of a word. The stemmer knows words with vowels; a short form has a plural too."""
    if len(word) > 3 and word.endswith("s") and not re.search("[aeiouy]", word):
        return word[:-1]
    return str(STEMMER.stemWord(word))


@lru_cache(maxsize=8192)
def stems(text: str) -> Stems:
    """Return a Markdown text as it is searched.

    >>> stems("Develop *KSBs* of standards")
    ' develop ksb of standard '
    """
    return _spaced(stem for word in WORD.findall(markdown.plain(text)) for stem in stems_of(word))


def _spaced(found: Iterable[str]) -> Stems:
    return f" {' '.join(found)} "


def terms(asked: str) -> tuple[Term, ...]:
    """Return what search words ask for, each once: what stands in quotation marks as a phrase, other words one by one.

    >>> terms('"first aid" for adults'), terms("level3")
    (('first aid', 'for', 'adult'), ('level', '3'))
    """
    found: list[Term] = []
    for place, part in enumerate(PHRASE.split(asked)):
        written = [stem for word in WORD.findall(part) for stem in stems_of(word)]
        found += [" ".join(written)] if place % 2 else written
    return tuple(filter(None, dict.fromkeys(found)))


def has(text: Stems, term: Term) -> bool:
    """Say whether a text has a term, as whole words in their order."""
    return f" {term} " in text


def spelled_out(text: Stems, forms: Iterable[ShortForm]) -> str:
    """Return, as text to search besides, what the short forms in a text stand for and the forms of what is in full."""
    found = ""
    for form in forms:
        short, full = stems(form.term), stems(form.meaning)
        if short in text or full in text:
            found += short + full
    return found


def marked(text: str, asked: Iterable[Term]) -> list[tuple[str, bool]]:
    """Cut plain text into runs, each with whether it is of a term. Together they are the text."""
    words = list(WORD.finditer(text))
    written = [(stem, place) for place, word in enumerate(words) for stem in stems_of(word[0])]
    hits = {place for term in asked for place in _places(written, term.split(" "))}
    runs: list[tuple[str, bool]] = []
    end = 0
    for place in sorted(hits):
        found = words[place]
        runs += [(text[end : found.start()], False), (found[0], True)]
        end = found.end()
    return [run for run in (*runs, (text[end:], False)) if run[0]]


def _places(written: list[tuple[str, int]], term: list[str]) -> Iterator[int]:
    """Yield the places of the words in which a term occurs."""
    for start in range(len(written) - len(term) + 1):
        run = written[start : start + len(term)]
        if [stem for stem, _ in run] == term:
            yield from (place for _, place in run)
