import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.capacity.fenceposts import resolve_fenceposts
from policylint.views.quantities import IntOrPercent

counts = st.builds(IntOrPercent, st.integers(0, 120), st.booleans())


def percent(value: int) -> IntOrPercent:
    return IntOrPercent(value, percent=True)


@pytest.mark.parametrize(
    ("replicas", "fenceposts"), [(1, (1, 0)), (2, (1, 0)), (3, (1, 0)), (4, (1, 1)), (5, (2, 1)), (8, (2, 2))]
)
def test_a_quarter_of_up_to_three_pods_allows_none_to_be_missing(replicas: int, fenceposts: tuple[int, int]) -> None:
    assert resolve_fenceposts(percent(25), percent(25), replicas) == fenceposts


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "fenceposts"),
    [
        (percent(0), percent(1), 2, (0, 1)),
        (percent(0), percent(1), 1, (0, 1)),
        (percent(1), percent(25), 2, (1, 0)),
        (percent(1), percent(0), 2, (1, 0)),
        (IntOrPercent(1), percent(40), 2, (1, 0)),
        (IntOrPercent(1), percent(40), 3, (1, 1)),
        (IntOrPercent(0), IntOrPercent(5), 2, (0, 2)),
        (IntOrPercent(3), IntOrPercent(0), 1, (3, 0)),
        (percent(25), percent(25), 0, (0, 0)),
    ],
)
def test_fenceposts(surge: IntOrPercent, unavailable: IntOrPercent, replicas: int, fenceposts: tuple[int, int]) -> None:
    assert resolve_fenceposts(surge, unavailable, replicas) == fenceposts


@given(counts, counts, st.integers(1, 1000))
def test_a_rolling_update_may_always_add_or_miss_a_pod(
    surge: IntOrPercent, unavailable: IntOrPercent, replicas: int
) -> None:
    fenceposts = resolve_fenceposts(surge, unavailable, replicas)
    assert fenceposts.surge + fenceposts.unavailable >= 1
    assert 0 <= fenceposts.unavailable <= replicas
