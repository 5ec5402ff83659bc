"""Verdicts against every course of events of generated small clusters; `exhaustive.py` does the same for more."""

from collections import Counter
from random import Random

import pytest
from cases import compared, draw, judged
from model import Case, Hopeless, Load, Node, TooLarge, explore

from policylint.capacity.fenceposts import resolve_fenceposts
from policylint.views.quantities import IntOrPercent

_SEEDS = range(1_000_000, 1_004_000)
_PART = 1_000


@pytest.mark.parametrize("first", range(_SEEDS.start, _SEEDS.stop, _PART))
def test_no_certain_verdict_is_contradicted_by_any_course_of_events(first: int) -> None:
    verdicts: Counter[str] = Counter()
    cases, errors = 0, []
    for seed in range(first, first + _PART):
        drawn = draw(Random(seed))
        assessment = judged(drawn)
        try:
            found = compared(drawn, assessment, 400)
        except (TooLarge, Hopeless):
            continue
        cases += 1
        verdicts.update(rollout.verdict for rollout in assessment.workloads)
        errors += [f"seed {seed}: {line}" for line in found.errors]
    assert errors == []
    assert cases > _PART // 2
    assert set(verdicts) >= {"completes", "deadlock", "overflow", "race", "likely"}


NODE = (Node(0, 3, 10**6),)
HERE = frozenset({0})


def endings(case: Case) -> list[set[bool]]:
    return [set(found) for found in explore(case).endings]


def test_the_model_knows_the_plain_cases() -> None:
    waiting = Load("Deployment", 1, 1, 0, HERE)
    in_place = Load("Deployment", 1, 0, 1, HERE)
    assert endings(Case(NODE, (waiting,), others=2)) == [{False}]
    assert endings(Case(NODE, (waiting,), others=1)) == [{True}]
    assert endings(Case(NODE, (in_place,), others=2)) == [{True}]
    assert endings(Case(NODE, (waiting, in_place), others=1)) == [{True, False}, {True}]
    assert endings(Case(NODE, (Load("StatefulSet", 2, 0, 1, HERE),), others=1)) == [{True}]
    assert endings(Case(NODE, (Load("Recreate", 2, 0, 2, HERE),), others=1)) == [{True}]
    assert endings(Case(NODE, (Load("DaemonSet", 0, 1, 0, HERE),), others=2)) == [{False}]
    assert endings(Case(NODE, (in_place,), others=2, hook=HERE)) == [{False}]
    assert endings(Case(NODE, (waiting._replace(counted=True),), quota=1)) == [{False}]
    assert explore(Case(NODE, (waiting,), others=3)).full is False


@pytest.mark.parametrize("replicas", range(1, 9))
def test_the_default_strategy_waits_for_room_up_to_three_replicas(replicas: int) -> None:
    quarter = IntOrPercent(25, percent=True)
    surge, unavailable = resolve_fenceposts(quarter, quarter, replicas)
    case = Case((Node(0, replicas, 10**6),), (Load("Deployment", replicas, surge, unavailable, HERE),))
    assert endings(case) == [{replicas > 3}]
