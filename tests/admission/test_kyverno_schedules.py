"""Schedules and times to live, as their parsers in Go take them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kyverno_objects import document, found, policy

from policylint.admission.kyverno.cleanup import problems
from policylint.admission.kyverno.cron import schedule_defect
from policylint.admission.kyverno.ttl_label import problems as label_problems


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "? ? ? ? ?",
        "0,15,30 0-23/2 1-31 jan-DEC SUN-sat",
        "5/10 * * * *",
        " 0\t0 1 1 0 ",
        "*-7 * * * *",
        ", * * * *",
        "+5 * * * *",
        "@midnight",
        "@every 90s",
    ],
)
def test_schedules(schedule: str) -> None:
    assert schedule_defect(schedule) == ""


@pytest.mark.parametrize(
    ("schedule", "defect"),
    [
        ("", "it is empty"),
        ("* * * *", "it has 4 fields, not 5"),
        ("0 * * * * *", "it has 6 fields, not 5"),
        ("60 * * * *", "60 is no minute, which is 0 to 59"),
        ("* * 0 * *", "0 is no day of month, which is 1 to 31"),
        ("* * * * 7", "7 is no day of week, which is 0 to 6"),
        ("* * * * monday", '"monday" is no day of week'),
        ("5-1 * * * *", "5-1 ends before it begins"),
        ("1-2-3 * * * *", "1-2-3 has too many hyphens"),
        ("*/2/3 * * * *", "*/2/3 has too many slashes"),
        ("*/0 * * * *", "the step of */0 is 0"),
        ("*/x * * * *", '"x" is no step'),
        ("-1 * * * *", '"" is no minute'),
        ("@Daily", "@Daily is none of"),
        ("@every day", "'day' is not a duration"),
        ("TZ=UTC 0 0 * * *", "it has 6 fields, not 5"),
    ],
)
def test_what_is_no_schedule(schedule: str, defect: str) -> None:
    assert schedule_defect(schedule).startswith(defect)


@given(st.lists(st.integers(0, 59), min_size=1, max_size=5), st.integers(1, 59))
def test_minutes_with_steps(minutes: list[int], step: int) -> None:
    assert schedule_defect(f"{','.join(f'{minute}/{step}' for minute in minutes)} * * * *") == ""


@given(st.text(alphabet="*?/,-0123456789 @evrydalih", max_size=30))
def test_any_text_has_a_verdict(schedule: str) -> None:
    fields = schedule.split()
    if schedule_defect(schedule) == "":
        assert len(fields) == 5 or schedule.startswith("@")


def test_what_is_admitted_and_never_runs_is_a_warning() -> None:
    spec = 'schedule: "@every 1h"\nmatch: {any: [{resources: {kinds: [Pod]}}]}'

    assert found(problems, policy(spec, kind="ClusterCleanupPolicy", version="kyverno.io/v2")) == [
        (
            "spec.schedule",
            'the webhook takes the schedule "@every 1h", but the cleanup controller cannot read it, it has 2 of five'
            " fields: this policy never runs",
        )
    ]


@pytest.mark.parametrize("value", ["1h", "0", "3d", "2 weeks", "1 Day", "2030-01-31", "2030-01-31T235959Z", "5wk"])
def test_times_to_live(value: str) -> None:
    assert said_of_label(value) == []


@pytest.mark.parametrize("value", ["", "1", "soon", "2030-13-01", "2030-01-31T25:00:00Z", "3 fortnights", "-"])
def test_what_is_no_time_to_live(value: str) -> None:
    assert said_of_label(value) == [
        (
            'metadata.labels["cleanup.kyverno.io/ttl"]',
            f'"{value}" is neither a duration nor a date: Kyverno refuses this object',
        )
    ]


def said_of_label(value: str) -> list[tuple[str, str]]:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{labels: {{cleanup.kyverno.io/ttl: {value!r}}}}}\n"
    return [(str(problem.path), problem.message) for problem in label_problems(document(text))]
