"""The order of lists: which of their members moved, and where those that were chosen belong. Pure.

Members are anything that can be told apart and stands once in a list: ids, mostly.
"""

from bisect import bisect_left
from collections.abc import Hashable, Sequence, Set
from typing import TypeVar

Member = TypeVar("Member", bound=Hashable)


def moved(old: Sequence[Member], new: Sequence[Member]) -> set[Member]:
    """Return the fewest members whose moving explains a new order: those outside the longest run that kept its order.

    >>> moved(["a", "b", "c", "d"], ["b", "c", "d", "a"])
    {'a'}
    """
    places = {member: place for place, member in enumerate(old)}
    shared = [member for member in new if member in places]
    tails: list[int] = []  # the smallest last place of an ordered run of each length
    ends: list[Member] = []
    previous: dict[Member, Member | None] = {}
    for member in shared:
        length = bisect_left(tails, places[member])
        previous[member] = ends[length - 1] if length else None
        tails[length : length + 1] = [places[member]]
        ends[length : length + 1] = [member]
    kept: set[Member] = set()
    step = ends[-1] if ends else None
    while step is not None:
        kept.add(step)
        step = previous[step]
    return set(shared) - kept


def arranged(
    old: Sequence[Member], new: Sequence[Member], chosen: Set[Member], shifted: Set[Member] | None = None
) -> list[Member]:
    """Return the old order with the chosen members as the new one has them: added, gone, or moved.

    One that was added or moved comes after its nearest neighbour before it that stands where the new order has it.
    Whatever is not chosen stays where it was, so that nobody's choice carries the move of another along. `shifted`
    are the ones that moved, where that was told already: a new order can be told in more than one way.

    >>> arranged(["a", "b", "c"], ["x", "c", "a", "y", "b"], {"c", "y"})
    ['c', 'a', 'y', 'b']
    """
    shifted = moved(old, new) if shifted is None else shifted
    placed = chosen & (shifted | set(new) - set(old))
    leaving = placed | (chosen - set(new))
    order = [member for member in old if member not in leaving]
    known = set(old) | chosen
    passed: set[Member] = set()  # the new order's members so far
    nearest: Member | None = None  # the last of them that stands where the new order has it
    for member in new:
        if member in placed:
            place = order.index(nearest) + 1 if nearest is not None else 0
            while place < len(order) and order[place] in passed:
                place += 1
            order.insert(place, member)
        if member in known:
            passed.add(member)
            if member in chosen or member not in shifted:
                nearest = member
    return order
