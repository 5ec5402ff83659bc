"""A baseline: findings that were accepted once, in a file, so that only new ones fail."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from policylint.errors import ConfigError, SourceError
from policylint.model import Finding, Location, YamlPath

VERSION = 1
_FIELDS = ("fingerprint", "rule", "path", "message")


class BaselineEntry(NamedTuple):
    """One accepted finding. Only the fingerprint decides; the rest is for people who read the file."""

    fingerprint: str
    rule: str
    path: str
    message: str


class Baseline(NamedTuple):
    entries: tuple[BaselineEntry, ...]


class BaselineResult(NamedTuple):
    """`baselined` counts the findings left out; `stale` are the entries that nothing found any more."""

    kept: tuple[Finding, ...]
    baselined: int
    stale: tuple[BaselineEntry, ...]


def read_baseline(path: Path) -> Baseline:
    """The baseline in the file at `path`. Raises ConfigError with the position of what is wrong in it."""
    from policylint.sources.files import read_file

    shown = path.as_posix()
    try:
        text = read_file(path, shown).text
    except SourceError as error:
        raise ConfigError(f"the baseline cannot be read: {error.message}", error.location) from error
    return parse_baseline(text, shown)


def parse_baseline(text: str, shown: str) -> Baseline:
    """The baseline that `text` is; `shown` names its file. Raises ConfigError."""
    import json

    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = Location(shown, error.lineno, error.colno, error.lineno, error.colno)
        raise ConfigError(f"the baseline is not JSON: {error.msg}", place) from error
    except RecursionError as error:
        raise ConfigError("the baseline is not one: it nests too deeply", Location(shown)) from error
    if not isinstance(data, dict):
        raise _wrong(text, shown, YamlPath(), "a baseline is a JSON object with `version` and `findings`")
    if data.get("version") != VERSION:
        raise _wrong(text, shown, YamlPath.of("version"), f"this baseline's version is not {VERSION}: write it anew")
    findings = data.get("findings")
    if not isinstance(findings, list):
        raise _wrong(text, shown, YamlPath.of("findings"), "`findings` is a list")
    return Baseline(tuple(_entry(text, shown, index, item) for index, item in enumerate(findings)))


def _entry(text: str, shown: str, index: int, item: Any) -> BaselineEntry:
    path = YamlPath.of("findings", index)
    if not isinstance(item, dict):
        raise _wrong(text, shown, path, "an accepted finding is an object")
    for field in _FIELDS:
        if not isinstance(item.get(field), str):
            raise _wrong(text, shown, path / field, f"an accepted finding has a string `{field}`")
    return BaselineEntry(*(item[field] for field in _FIELDS))


def _wrong(text: str, shown: str, path: YamlPath, message: str) -> ConfigError:
    from policylint.document.compose import ComposedDocument, compose
    from policylint.document.document import Document
    from policylint.document.scalars import WORKFLOW
    from policylint.document.source import Source

    source = Source(shown, text)
    for composed in compose(text):  # JSON is YAML: the same reader knows where everything stands
        if isinstance(composed, ComposedDocument):
            document = Document(source, composed.node, composed.base, 0, WORKFLOW, "other")
            return ConfigError(message, document.location(path))
    return ConfigError(message, Location(shown))


def render_baseline(findings: Iterable[Finding], version: str) -> str:
    """The text of a baseline that accepts `findings`, ordered so that it changes as little as they do."""
    import json

    entries = sorted({_of(finding) for finding in findings}, key=lambda entry: (entry.path, entry.rule, *entry))
    document = {
        "version": VERSION,
        "tool": {"name": "policylint", "version": version},
        "findings": [entry._asdict() for entry in entries],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _of(finding: Finding) -> BaselineEntry:
    return BaselineEntry(finding.fingerprint, finding.rule, finding.location.path, finding.message)


def write_baseline(path: Path, findings: Iterable[Finding]) -> None:
    """Writes a baseline that accepts `findings`. Raises ConfigError when the file cannot be written."""
    from policylint import __version__

    try:
        path.write_text(render_baseline(findings, __version__), encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"the baseline cannot be written: {error.strerror or error}"
        raise ConfigError(message, Location(path.as_posix())) from error


def apply_baseline(
    findings: Iterable[Finding], baseline: Baseline, checked: Collection[str] | None = None
) -> BaselineResult:
    """Parts new findings from accepted ones.

    An entry is stale when nothing found it and its file was `checked`; None means that the whole project was.
    """
    accepted = {entry.fingerprint for entry in baseline.entries}
    kept = []
    met: set[str] = set()
    count = 0
    for finding in findings:
        if finding.fingerprint in accepted:
            met.add(finding.fingerprint)
            count += 1
        else:
            kept.append(finding)
    missed = (entry for entry in baseline.entries if entry.fingerprint not in met)
    stale = tuple(entry for entry in missed if checked is None or entry.path in checked)
    return BaselineResult(tuple(kept), count, stale)
