"""Every format against the files under golden/. `POLICYLINT_UPDATE_GOLDEN=1 pytest tests/report` writes them anew."""

import os
from io import StringIO
from pathlib import Path

import pytest
from report_samples import CLEAN, FULL, NOTHING, options

from policylint.errors import UsageError
from policylint.model import Report
from policylint.report import FORMATS, RenderOptions, render

GOLDEN = Path(__file__).parent / "golden"

CASES = {
    **{
        f"{name}.{report_name}": (name, report, options())
        for name in FORMATS
        for report_name, report in (("full", FULL), ("clean", CLEAN))
    },
    "text.nothing": ("text", NOTHING, options()),
    "text.color": ("text", FULL, options(color=True, hyperlinks=True, verbose=True)),
    "junit.fail-on-info": ("junit", FULL, options(fail_on="info")),
}


@pytest.mark.parametrize("case", CASES)
def test_output_is_as_recorded(case: str) -> None:
    format_name, report, how = CASES[case]
    assert rendered(format_name, report, how) == recorded(case, format_name, report, how)


def rendered(format_name: str, report: Report, how: RenderOptions) -> str:
    out = StringIO()
    render(format_name, report, out, how)
    return out.getvalue()


def recorded(case: str, format_name: str, report: Report, how: RenderOptions) -> str:
    file = GOLDEN / f"{case}.out"
    if os.environ.get("POLICYLINT_UPDATE_GOLDEN"):
        file.write_text(rendered(format_name, report, how), encoding="utf-8", newline="")
    with file.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def test_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown output format 'html': choose one of text, json, sarif"):
        render("html", CLEAN, StringIO(), options())
