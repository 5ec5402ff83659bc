"""The text format: what a person is told, beyond the golden files."""

import subprocess
import sys
from io import StringIO

from report_samples import CLEAN, FULL, POLICY, finding, options

from policylint.model import Counts, InternalError, Location, NotJudged, Report
from policylint.report import render
from policylint.report.summary import denominators, headline, tail


def text_of(report: Report, **changes: object) -> list[str]:
    out = StringIO()
    render("text", report, out, options(**changes))
    return out.getvalue().splitlines()


def test_header_is_a_clickable_place() -> None:
    assert text_of(Report((POLICY,), Counts()))[0] == (
        "policies/verify.yaml:10:21: error[KYV001] mutateDigest is true while the effective action is Audit"
    )


def test_a_file_that_cannot_be_read_has_no_snippet() -> None:
    lines = text_of(Report((finding(Location("gone.yaml", 3, 1, 3, 2)),), Counts(files=1, documents=1, judged=1)))
    assert lines[:3] == [
        "gone.yaml:3:1: error[IMG001] the tag `latest` moves",
        "   = rule: unpinned-image, https://policylint.dev/rules/IMG001",
        "",
    ]


def test_the_rule_id_links_to_its_page_only_when_asked_to() -> None:
    link = "\x1b]8;;https://policylint.dev/rules/KYV001\x1b\\KYV001\x1b]8;;\x1b\\"
    report = Report((POLICY,), Counts())
    linked = text_of(report, hyperlinks=True)
    assert linked[0].startswith(f"policies/verify.yaml:10:21: error[{link}] ")
    assert "    = rule: mutate-digest-audit" in linked
    assert "    = rule: mutate-digest-audit, https://policylint.dev/rules/KYV001" in text_of(report)


def test_an_address_that_is_none_is_not_linked() -> None:
    hostile = POLICY._replace(url="https://a/\x07b")
    assert text_of(Report((hostile,), Counts()), hyperlinks=True)[0] == text_of(Report((POLICY,), Counts()))[0]


def test_colour_adds_only_colour() -> None:
    from re import sub

    coloured = "\n".join(text_of(FULL, color=True))
    assert sub("\x1b\\[[0-9;]*m", "", coloured) == "\n".join(text_of(FULL))
    assert coloured != "\n".join(text_of(FULL))


def test_headline_counts_by_severity() -> None:
    warning = POLICY._replace(severity="warning")
    assert headline(Report((POLICY, POLICY, warning), Counts())) == "3 findings: 2 errors, 1 warning."
    assert headline(Report((warning,), Counts())) == "1 finding: 1 warning."
    assert headline(CLEAN) == "No findings."
    assert headline(Report((), Counts(files=1))) == "No findings: nothing was judged."


def test_denominators_are_all_there() -> None:
    assert denominators(Counts(1, 2, 3, 4, 5, 6, 7)) == (
        "Seen: 1 file, 2 documents (3 judged, 5 unmatched); 4 unparsed; findings left out: 6 suppressed, 7 baselined."
    )


def test_what_was_not_judged_is_grouped_and_cut_at_ten() -> None:
    items = tuple(NotJudged(f"{number}.yaml", number, "Kind", "ab"[number % 2]) for number in range(24))
    report = Report((), Counts(), items)
    assert list(tail(report, verbose=False))[1:] == [
        "Not judged: 24.",
        "- a (12):",
        "  - 0.yaml: Kind",
        *(f"  - {number}.yaml:{number}: Kind" for number in range(2, 20, 2)),
        "- and 14 more, --verbose lists them",
    ]
    assert len(list(tail(report, verbose=True))) == 1 + 1 + 2 + 24


def test_exactly_ten_are_listed_in_full() -> None:
    items = tuple(NotJudged("a.yaml", number, "Kind", "why") for number in range(1, 11))
    assert list(tail(Report((), Counts(), items), verbose=False))[-1] == "  - a.yaml:10: Kind"


def test_an_internal_error_keeps_its_lines_in_its_own_place() -> None:
    error = InternalError("XYZ001", "a.yaml", "boom\n::error::forged")
    assert list(tail(Report((), Counts(), errors=(error,)), verbose=False))[1:] == [
        "1 internal error, where a rule broke and gave no verdict:",
        "- XYZ001 on a.yaml: boom",
        "  | ::error::forged",
    ]


def test_text_and_json_load_nothing_heavy() -> None:
    program = (
        "import sys; from io import StringIO; from policylint.report import RenderOptions, render\n"
        "from policylint.model import Counts, Finding, Location, Report\n"
        "finding = Finding(Location('a'), 'A001', 'n', 'error', 'm', '', '', None, '')\n"
        "for name in ('text', 'json'): render(name, Report((finding,), Counts()), StringIO(), RenderOptions())\n"
        "heavy = {'dataclasses', 'inspect', 'logging', 'urllib', 'xml', 'yaml', 'rich', 'policylint.report.sarif',"
        " 'policylint.report.junit', 'policylint.lint'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
