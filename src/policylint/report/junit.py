"""JUnit XML: a suite for the run itself, then one per file with its findings."""

from typing import TYPE_CHECKING, TextIO

from policylint.model import SEVERITIES, Finding, Report, Severity
from policylint.report.escape import visible, visible_lines
from policylint.report.options import RenderOptions
from policylint.report.summary import remedy, tail

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render(report: Report, out: TextIO, options: RenderOptions) -> None:
    """Write one XML document.

    A finding at or above `options.fail_on` is a failed test, one below it a skipped test: shown, and not a failure.
    A rule that broke is a test with an error. The first suite carries the denominators as properties, and one test
    that passes when no rule broke, so that a clean run is not an empty report.
    """
    from xml.etree.ElementTree import Element

    root = Element("testsuites", name="policylint")
    root.append(_run(report))
    by_path: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_path.setdefault(finding.location.path, []).append(finding)
    for path, findings in by_path.items():
        suite = Element("testsuite", name=visible(path))
        suite.extend(_case(finding, options.fail_on) for finding in findings)
        root.append(counted(suite))
    write_xml(counted(root), out)


def write_xml(root: "Element", out: TextIO) -> None:
    """Write `root` as one document, a line for each element."""
    from xml.etree.ElementTree import indent, tostring

    indent(root)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(tostring(root, encoding="unicode"))
    out.write("\n")


def _run(report: Report) -> "Element":
    from xml.etree.ElementTree import Element, SubElement

    suite = Element("testsuite", name="policylint")
    properties = SubElement(suite, "properties")
    totals = {f"findings-{severity}": number for severity, number in report.severities().items()}
    for name, number in (report.counts._asdict() | totals | {"not-judged": len(report.not_judged)}).items():
        SubElement(properties, "property", name=name, value=str(number))
    for error in report.errors:
        case = SubElement(suite, "testcase", classname="policylint", name=visible(f"{error.rule} on {error.path}"))
        lines = visible_lines(error.message)
        SubElement(case, "error", type="internal-error", message=lines[0]).text = "\n".join(lines)
    if not report.errors:
        SubElement(suite, "testcase", classname="policylint", name="every rule gave a verdict")
    SubElement(suite, "system-out").text = "\n".join(tail(report, verbose=True))
    return counted(suite)


def _case(finding: Finding, fail_on: Severity) -> "Element":
    from xml.etree.ElementTree import Element, SubElement

    place = finding.location
    about = " of ".join(filter(None, [finding.yaml_path, str(finding.resource or "")]))
    name = " at ".join(filter(None, [f"{finding.rule} {finding.name}", about]))
    path = visible(place.path)
    case = Element("testcase", classname=path, name=visible(name), file=path, line=str(place.line))
    message = visible(finding.message)
    fails = SEVERITIES.index(finding.severity) <= SEVERITIES.index(fail_on)
    verdict = SubElement(case, "failure" if fails else "skipped", type=finding.severity, message=message)
    verdict.text = "\n".join(_body(finding))
    return case


def _body(finding: Finding) -> list[str]:
    place, rendered = finding.location, finding.location.rendered
    lines = [f"{visible(place.path)}:{place.line}:{place.column}: {finding.severity}: {visible(finding.message)}"]
    if rendered is not None:
        lines.append(f"rendered by {visible(rendered.by)}, line {rendered.line}")
    for related in finding.related:
        where = related.location
        lines.append(f"see {visible(where.path)}:{where.line}:{where.column}: {visible(related.message)}")
    if finding.help:
        lines.append("help: " + "\n".join(visible_lines(finding.help)))
    if finding.fix is not None:
        lines.append(f"fix: {remedy(finding.fix)}")
    if finding.url:
        lines.append(visible(finding.url))
    return lines


def counted(element: "Element") -> "Element":
    """The suite (or all of them) with the totals of its tests as attributes."""
    totals = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in totals.items():
        element.set(name, str(sum(1 for _ in element.iter(tag))))
    return element
