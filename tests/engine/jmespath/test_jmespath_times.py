"""Time functions, Go's layouts and durations; expected values were taken from Go."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine import jmespath
from policylint.engine.durations import parse_duration
from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath.layouts import RFC3339, parse_time
from policylint.engine.jmespath.moments import SECOND, Moment, format_duration

NOW = 1_700_000_000 * SECOND  # 2023-11-14T22:13:20Z


def search(expression: str) -> Any:
    return jmespath.compile(expression).search("", clock=lambda: NOW)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("time_now()", "2023-11-14T22:13:20Z"),
        ("time_now_utc()", "2023-11-14T22:13:20Z"),
        ("time_since('', '2021-01-02T15:04:05-07:00', '2021-01-10T03:14:05-07:00')", "180h10m0s"),
        ("time_since('', '2023-11-14T22:13:19Z', '')", "1s"),
        (
            "time_since('Mon _2 Jan 15:04:05 MST 06', 'Mon 02 Jan 15:04:05 MST 21', 'Mon 10 Jan 03:14:16 MST 21')",
            "180h10m11s",
        ),
        ("time_to_cron('2023-02-02T15:04:05Z')", "4 15 2 2 4"),
        ("time_to_cron(time_utc('2023-02-02T15:04:05-07:00'))", "4 22 2 2 4"),
        ("time_add('2021-01-02T15:04:05-07:00', '3h')", "2021-01-02T18:04:05-07:00"),
        ("time_add('2021-12-31T23:59:59Z', '1s')", "2022-01-01T00:00:00Z"),
        ("time_parse('Mon Jan 02 15:04:05 -0700 2006', 'Sat Jan 02 15:04:05 -0700 2021')", "2021-01-02T15:04:05-07:00"),
        ("time_parse('1702691171', '1702691171')", "2023-12-16T01:46:11Z"),
        ("time_parse('20060102', '0')", "1970-01-01T00:00:00Z"),
        ("time_parse('15:04', '08:30')", "0000-01-01T08:30:00Z"),
        ("time_parse('Monday, 02-Jan-06 15:04:05 MST', 'Sunday, 06-Nov-94 08:49:37 GMT')", "1994-11-06T08:49:37Z"),
        ("time_parse('3:04PM', '12:05AM')", "0000-01-01T00:05:00Z"),
        ("time_parse('2006-002', '2024-060')", "2024-02-29T00:00:00Z"),
        ("time_utc('2023-02-02T15:04:05-07:00')", "2023-02-02T22:04:05Z"),
        ("time_diff('2021-01-02T15:04:05-07:00', '2021-01-10T03:14:05-07:00')", "180h10m0s"),
        ("time_diff('2021-01-02T15:04:05.25Z', '2021-01-02T15:04:05Z')", "-250ms"),
        ("time_diff('0001-01-01T00:00:00Z', '2021-01-02T15:04:05Z')", "2562047h47m16.854775807s"),
        ("time_before('2021-01-02T15:04:05-07:00', '2021-01-02T16:04:05-07:00')", True),
        ("time_before('2021-01-02T15:04:05Z', '2021-01-02T15:04:05Z')", False),
        ("time_after('2021-01-02T15:04:05-07:00', '2021-01-02T16:04:05Z')", True),
        ("time_between('2021-01-02T17:00:00Z', '2021-01-02T15:00:00Z', '2021-01-02T18:00:00Z')", True),
        ("time_between('2021-01-02T15:00:00Z', '2021-01-02T15:00:00Z', '2021-01-02T18:00:00Z')", False),
        ("time_truncate('2021-01-02T15:04:05Z', '1h')", "2021-01-02T15:00:00Z"),
        ("time_truncate('2021-01-02T15:04:05-07:00', '24h')", "2021-01-01T17:00:00-07:00"),
        ("time_truncate('2021-01-02T15:04:05Z', '168h')", "2020-12-28T00:00:00Z"),
        ("time_truncate('2021-01-02T15:04:05Z', '-1h')", "2021-01-02T15:04:05Z"),
    ],
)
def test_functions(expression: str, expected: Any) -> None:
    assert search(expression) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("time_utc('2021-13-02T15:04:05Z')", "month out of range"),
        ("time_utc('2021-02-29T15:04:05Z')", "day out of range"),
        ("time_utc('2021-02-02T24:04:05Z')", "hour out of range"),
        ("time_utc('2021-02-02T23:04:05+25:00')", "time zone offset out of range"),
        ("time_utc('hello')", "cannot parse 'hello' as '2006'"),
        ("time_utc('2021-02-02T23:04:05Z!')", "extra text: '!'"),
        ("time_utc('')", "cannot parse '' as '2006'"),
        ("time_parse('2006-002', '2023-366')", "day-of-year out of range"),
        ("time_parse('1', 'x')", "invalid syntax for seconds"),
        ("time_add('2021-01-02T15:04:05Z', '3 hours')", "is not a duration"),
        ("time_truncate('2021-01-02T15:04:05Z', '')", "is not a duration"),
    ],
)
def test_errors_name_what_does_not_fit(expression: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=r"^JMESPath function 'time_") as caught:
        search(expression)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("layout", "text", "expected"),
    [
        ("Jan _2 15:04:05.000", "Feb  3 10:11:12.345", "0000-02-03T10:11:12Z"),
        ("2006-01-02 15:04:05", "2021-01-02 15:04:05.999", "2021-01-02T15:04:05Z"),
        ("2006-01-02T15:04:05Z0700", "2021-01-02T15:04:05+0130", "2021-01-02T15:04:05+01:30"),
        ("2006-01-02 MST", "2021-01-02 CEST", "2021-01-02T00:00:00Z"),
        ("2006-01-02 15:04 MST", "2021-01-02 12:00 GMT+3", "2021-01-02T15:00:00+03:00"),
        ("2006-January-2", "2021-march-5", "2021-03-05T00:00:00Z"),
        ("January", "Maybe", None),
        ("MST", "ABCDE", None),
        ("2006", "-123", None),
        (".000", ".12", None),
    ],
)
def test_layouts(layout: str, text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="parsing time"):
            parse_time(layout, text)
    else:
        assert str(parse_time(layout, text)) == expected


@given(
    st.datetimes(min_value=datetime.datetime(1, 1, 1), max_value=datetime.datetime(9999, 12, 31)), st.integers(-23, 23)
)
def test_moments_agree_with_pythons_dates(when: datetime.datetime, hours: int) -> None:
    when = when.replace(microsecond=0, tzinfo=datetime.timezone(datetime.timedelta(hours=hours)))
    moment = parse_time(RFC3339, when.isoformat())
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    assert moment.nanoseconds == (when - epoch) // datetime.timedelta(seconds=1) * SECOND
    assert moment.weekday == when.isoweekday() % 7
    assert str(moment) == when.isoformat().replace("+00:00", "Z")


@given(st.integers(-(2**63), 2**63 - 1))
def test_durations_read_back(nanoseconds: int) -> None:
    assert abs(parse_duration(format_duration(nanoseconds)) - nanoseconds) <= 1024 * (abs(nanoseconds) > 2**53)


@given(st.integers(-(10**19), 10**19))
def test_moments_read_back(nanoseconds: int) -> None:
    moment = Moment(nanoseconds // SECOND * SECOND)
    assert parse_time(RFC3339, str(moment)) == moment
