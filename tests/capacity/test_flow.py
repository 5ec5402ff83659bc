from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.capacity.flow import Transport
from policylint.capacity.packing import Bin, Item, pack

REACHES = [frozenset(pools) for pools in ({0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2})]
Demands = list[tuple[frozenset[int], int]]


def best(capacity: tuple[int, ...], demands: Demands) -> int:
    """The most units that fit, by the theorem of the minimum cut: over all sets of full pools."""
    total = sum(amount for _, amount in demands)
    cuts = []
    for chosen in product((False, True), repeat=len(capacity)):
        full = {pool for pool, is_full in enumerate(chosen) if is_full}
        confined = sum(amount for reach, amount in demands if reach <= full)
        cuts.append(sum(capacity[pool] for pool in full) + total - confined)
    return min(cuts)


@given(
    st.tuples(*[st.integers(0, 6)] * 3),
    st.lists(st.tuples(st.sampled_from(REACHES), st.integers(0, 6)), max_size=6),
    st.sampled_from(REACHES),
)
def test_as_much_is_placed_as_any_placement_reaches(
    capacity: tuple[int, ...], demands: Demands, extra: frozenset[int]
) -> None:
    books = Transport(capacity)
    assert sum(books.place(reach, amount) for reach, amount in demands) == best(capacity, demands)
    assert sum(books.free) == sum(capacity) - best(capacity, demands)
    more = best(capacity, [*demands, (extra, 1)]) > best(capacity, demands)
    assert books.has_room(extra, 1) == more
    if not more:
        assert all(books.free[pool] == 0 for pool in books.tight(extra))
        assert extra <= books.tight(extra)


def test_a_copy_is_independent() -> None:
    books = Transport([2, 1])
    books.place(frozenset({0, 1}), 2)
    assert books.copy().place(frozenset({0, 1}), 5) == 1
    assert sum(books.free) == 1


@pytest.mark.parametrize(
    ("items", "fits"),
    [
        ([Item(2, frozenset({0}), {"cpu": 2}, False)], True),
        ([Item(3, frozenset({0}), {"cpu": 2}, False)], False),
        ([Item(2, frozenset({0}), {"cpu": 1}, True)], True),
        ([Item(3, frozenset({0}), {"cpu": 1}, True)], False),
        ([Item(9, frozenset({0}), {"memory": 1}, False)], True),  # nothing is said of memory
        ([Item(1, frozenset({1}), {}, False)], False),
        ([Item(4, frozenset({0}), {"cpu": 1}, False), Item(1, frozenset({0}), {"cpu": 2}, False)], True),
    ],
)
def test_packing_finds_a_place_for_each_pod_or_none(items: list[Item], fits: bool) -> None:
    assert pack(items, [Bin(0, {"cpu": 3}), Bin(0, {"cpu": 3})]) is fits
