"""Finished answers: bounded in bytes, the ones in use stay, and each is made by one thread while the others wait."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from categories.public.answers import ASIDE, Answers, finished

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def answer(size: int):
    return finished("200 OK", [("Content-Type", "text/plain")], bytes(size))


def room_for(number: int) -> Answers:
    return Answers("edition", AT, most=number * answer(0).size)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20_000), st.booleans()), max_size=60))
def test_never_more_bytes_than_may_be(steps):
    answers = Answers("edition", AT, most=40_000)
    for address, size, asks in steps:
        if asks:
            answers.get(address)
        else:
            answers.keep(address, answer(size))
        assert answers.size == sum(kept.size for kept in answers.kept.values()) <= answers.most


def test_what_is_asked_for_again_stays_however_many_are_asked_for_once():
    answers = room_for(4)
    answers.keep("hot", answer(0))
    for place in range(1000):
        assert answers.get("hot") or not place
        answers.keep(place, answer(0))
    assert answers.get("hot")
    assert len(answers.kept) == 4


def test_the_longest_unused_leaves_first():
    answers = room_for(2)
    for address in "abc":
        answers.keep(address, answer(0))
    assert list(answers.kept) == ["b", "c"]


def test_what_is_larger_than_all_that_may_be_drives_nothing_out():
    answers = room_for(1)
    answers.keep("small", answer(0))
    answers.keep("large", answer(ASIDE * 2))
    assert list(answers.kept) == ["small"]


def test_one_thread_makes_an_answer_and_the_others_wait_for_it():
    answers, together, made = room_for(2), threading.Barrier(8), []

    def ask(_):
        together.wait()
        with answers.turn("page"):
            if not answers.get("page"):
                made.append("page")
                answers.keep("page", answer(0))
        return answers.get("page")

    with ThreadPoolExecutor(8) as pool:
        assert None not in pool.map(ask, range(8))
    assert made == ["page"]


def test_threads_agree_on_what_is_kept():
    answers = room_for(10)

    def work(start):
        for place in range(500):
            address = (start + place) % 25
            answers.get(address) or answers.keep(address, answer(0))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert answers.size == sum(kept.size for kept in answers.kept.values()) <= answers.most


def test_a_turn_ends_where_making_fails():
    answers = room_for(1)
    for _ in range(2):
        try:
            with answers.turn("page"):
                raise ValueError
        except ValueError:
            pass
    assert answers._turns == {}
