"""Suites of policy tests as JUnit XML: a suite for each file, a test for each row."""

from typing import TYPE_CHECKING, TextIO

from policylint.outcome import Row, SuiteOutcome, Tested
from policylint.report.escape import visible, visible_lines
from policylint.report.junit import counted, write_xml
from policylint.report.options import RenderOptions
from policylint.report.suites_text import render_row, row_headline, summary

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render(tested: Tested, out: TextIO, options: RenderOptions) -> None:
    """Write one XML document. A row that does not pass is a failure, one that could not be judged an error; what kept
    a suite from running is a test with an error. Totals are in the first suite.
    """
    from xml.etree.ElementTree import Element

    root = Element("testsuites", name="policylint")
    root.append(_run(tested))
    root.extend(_suite(suite, options) for suite in tested.suites)
    write_xml(counted(root), out)


def _run(tested: Tested) -> "Element":
    from xml.etree.ElementTree import Element, SubElement

    suite = Element("testsuite", name="policylint")
    properties = SubElement(suite, "properties")
    totals = {"suites": len(tested.suites), "not-run": tested.not_run, "left-out": tested.left_out}
    for name, number in (totals | {f"rows-{status}": number for status, number in tested.counts().items()}).items():
        SubElement(properties, "property", name=name, value=str(number))
    for error in tested.errors:
        case = SubElement(suite, "testcase", classname="policylint", name=f"runs {visible(error.path)}")
        _verdict(case, "error", "internal-error", error.message)
    if not tested.errors:
        SubElement(suite, "testcase", classname="policylint", name="every suite was run")
    SubElement(suite, "system-out").text = "\n".join(summary(tested))
    return counted(suite)


def _suite(outcome: SuiteOutcome, options: RenderOptions) -> "Element":
    from xml.etree.ElementTree import Element, SubElement

    path = visible(outcome.path)
    suite = Element("testsuite", name=path)
    if outcome.error is not None:
        line = str(outcome.error_line or 1)
        case = SubElement(suite, "testcase", classname=path, name="can be run", file=path, line=line)
        _verdict(case, "error", "suite", outcome.error)
    suite.extend(_case(outcome, row, path, options) for row in outcome.rows)
    if outcome.notes:
        SubElement(suite, "system-out").text = "\n".join(visible(note) for note in outcome.notes)
    return counted(suite)


def _case(outcome: SuiteOutcome, row: Row, path: str, options: RenderOptions) -> "Element":
    from xml.etree.ElementTree import Element

    name = visible(f"{row.rule_name} on {row.resource} (line {row.line})")
    case = Element("testcase", classname=path, name=name, file=path, line=str(row.line))
    if not outcome.passes(row):
        tag = "error" if row.status == "error" else "failure"
        _verdict(case, tag, row.status, render_row(outcome, row, options._replace(color=False)), row_headline(row))
    return case


def _verdict(case: "Element", tag: str, kind: str, text: str, message: str = "") -> None:
    from xml.etree.ElementTree import SubElement

    lines = visible_lines(text)
    SubElement(case, tag, type=kind, message=message or lines[0]).text = "\n".join(lines)
