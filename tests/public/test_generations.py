"""How the record stands is asked once a second, by one thread; what was heard last holds while nobody answers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from categories.public.generations import Generations
from tests.door import AtOnce


class Record:
    """A record, a clock, and a database that can be away."""

    def __init__(self):
        self.says, self.now, self.asked, self.is_away = "one", 100.0, [], False

    def ask(self, at):
        self.asked.append(at.timestamp())
        if self.is_away:
            raise OperationalError("away")
        return self.says

    def clock(self):
        return self.now


@pytest.fixture
def record():
    return Record()


@pytest.fixture
def generations(record):
    return Generations(record.ask, record.clock, asker=AtOnce())


def test_asks_once_in_each_second_of_the_clock(record, generations):
    for record.now in (100.0, 100.4, 100.999, 101.0, 101.5, 105.2, 105.3):
        generations.present()
    assert record.asked == [100, 101, 105]


def test_a_generation_lasts_while_the_record_stands_as_it_did(record, generations):
    first = generations.present()
    record.now = 101
    assert generations.present() is first
    assert first.at.timestamp() == 101
    record.now, record.says = 102, "two"
    second = generations.present()
    assert (second is first, second.generation) == (False, "two")


def test_the_last_generation_holds_while_the_database_is_away(record, generations):
    first = generations.present()
    record.is_away, record.says = True, "two"
    for record.now in (101, 101.5, 102, 200):
        assert generations.present() is first
    assert record.asked == [100, 101, 102, 200]  # and it is asked no more often
    assert (generations.is_away, first.at.timestamp()) == (True, 100)
    record.is_away, record.now = False, 201
    assert generations.present().generation == "two"
    assert not generations.is_away


def test_nothing_is_known_before_the_database_first_answers(record, generations):
    record.is_away = True
    assert generations.present() is None
    record.is_away, record.now = False, 101
    assert generations.present().generation == "one"


def test_a_clock_that_is_set_back_is_followed(record, generations):
    generations.present()
    record.now, record.says = 40, "two"
    assert generations.present().generation == "two"


def test_a_thread_that_comes_late_does_not_set_the_record_back(record, generations):
    record.now = 101
    generations.present()
    record.now = 100.9
    generations.present()
    assert record.asked == [101]


def test_many_threads_ask_once_and_all_wait_for_the_answer(record):
    together = threading.Barrier(8)

    def ask(at):
        answer = record.ask(at)
        return answer if at.timestamp() == 100 else f"{answer} later"

    generations = Generations(ask, record.clock, patience=30)
    generations.present()
    record.now = 101

    def read(_):
        together.wait()
        return generations.present().generation

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(8))) == {"one later"}
    assert record.asked == [100, 101]


def test_nobody_waits_for_a_slow_database_twice(record):
    answered = threading.Event()

    def ask(at):
        if at.timestamp() > 100:
            answered.wait()
        return record.ask(at)

    generations = Generations(ask, record.clock, patience=0.01)
    generations._hear(100)  # not within the patience of this test on a busy machine
    generations.is_prompt = True
    first = generations.present()
    record.now, record.says = 101, "two"
    assert generations.present() is first
    assert not generations.is_prompt
    generations._patience = 3600  # whoever waited again would wait for ever
    assert generations.present() is first
    record.now = 102
    assert generations.present() is first
    answered.set()
    generations._asking.result()
    assert generations.present().generation == "two"
