"""The order of lists: the fewest moves, and what was chosen in its new place while nothing else moves."""

from hypothesis import given
from hypothesis import strategies as st

from categories.content import order

lists = st.lists(st.integers(0, 9), unique=True)


@given(st.permutations(range(12)))
def test_the_fewest_are_said_to_move(new: list[int]) -> None:
    moved = order.moved(range(12), new)
    kept = [member for member in new if member not in moved]
    assert kept == sorted(kept)
    longest = [1] * 12  # the plain quadratic way
    for end in range(12):
        longest[end] += max((longest[start] for start in range(end) if new[start] < new[end]), default=0)
    assert len(kept) == max(longest)


@given(lists, lists, st.sets(st.integers(0, 9)))
def test_what_is_not_chosen_stays_and_all_chosen_is_the_new_order(
    old: list[int], new: list[int], chosen: set[int]
) -> None:
    found = order.arranged(old, new, chosen)
    assert set(found) == set(old) - (chosen - set(new)) | (chosen & set(new))
    left = [member for member in old if member not in chosen]
    assert [member for member in found if member in left] == left
    assert order.arranged(old, new, set()) == old
    assert order.arranged(old, new, {*old, *new}) == new
