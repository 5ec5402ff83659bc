"""Templates that come out differently each time: found by rendering twice, and kept from making findings differ.

A second render costs as much as the first, so only charts pay for it that call one of the functions whose answer
changes at all; whatever else a template does depends on values alone. `lookup` finds nothing without a cluster and so
answers alike both times, but it may well keep a generated value in one, which is why its use is noted.
"""

import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from policylint.document.source import TemplatePlace
from policylint.sources.helm_backends import Job, Output
from policylint.sources.helm_output import text_of
from policylint.sources.helm_request import Request

# sprig functions.go (genericMap), those that read a clock or a random source; encryption takes a random vector. `keys`
# and `values` come in the order of a Go map, which differs too seldom to be caught twice alike, so they are left out.
_RANDOM = (
    "randAlphaNum|randAlpha|randAscii|randNumeric|randBytes|randInt|shuffle|uuidv4|genPrivateKey|genCAWithKey|genCA"
    "|genSelfSignedCertWithKey|genSelfSignedCert|genSignedCertWithKey|genSignedCert|htpasswd|bcrypt|encryptAES"
)
CALL = re.compile(rf'(?<![\w.$"-])(?:{_RANDOM}|now)\b(?!\s*:?=)')
_NOW = re.compile(r'(?<![\w.$"-])now\b(?!\s*:?=)')
_LOOKUP = re.compile(r'(?<![\w.$"-])lookup\b')
ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
# A clock is read in whole seconds, days or years, so two renders in a row may well agree; one in the past never does.
_THEN = '(toDate "2006-01-02 15:04:05" "1987-06-05 23:58:59")'

_WORD = re.compile(r"[\w.:+/=-]+")
_PART = re.compile(r".*[-./:=]", re.DOTALL)
PLACEHOLDER = "varies00"
_LONGEST_WORD = 64  # longer ones are keys and certificates, which no message quotes
_MAX_FILE = 1024 * 1024
_ARCHIVE = (".tgz", ".tar.gz")


class Varying(NamedTuple):
    """What a second render printed, by the name of the template; empty when there was no need for one.

    `lookup` tells whether some template asks the cluster.
    """

    documents: Mapping[str, list[str]] = {}
    lookup: bool = False

    def settle(
        self, name: str, text: str, template: str, places: Mapping[int, TemplatePlace]
    ) -> tuple[str, dict[int, bool]]:
        """The text with what differs made the same each time, and the lines that differ.

        A line's value is True when `lookup` may keep it the same in a cluster: it is certain not to when the line
        itself calls the function in a template that looks nothing up.
        """
        if name not in self.documents:
            return text, {}
        settled, lines = compare(text, text_of(self.documents[name], template))
        own_lookup = calls(_LOOKUP, template)
        source = template.split("\n")
        found = {}
        for line in lines:
            place = places.get(line)
            own = place is not None and place.exact and CALL.search(source[place.line - 1]) is not None
            found[line] = self.lookup and (own_lookup or not own)
        return settled, found


def render_again(request: Request, scratch: Path, run: Callable[[Job], Output | None]) -> Varying:
    """What another render of the chart comes to, if its templates call a function that may make it differ."""
    texts = _texts_of(request)
    if not any(calls(CALL, text) for text in texts):
        return Varying()
    second = None
    if any(calls(_NOW, text) for text in texts):
        copy = scratch / "then"
        try:
            shutil.copytree(request.job.chart, copy, copy_function=_copy_as_of_then)
        except OSError:
            return Varying()  # a file that Helm leaves out cannot be read, or the disk is full
        second = run(request.job._replace(chart=copy))
    if second is None or second.error or second.limit:
        second = run(request.job)
    if second is None or second.error or second.limit:
        return Varying()
    return Varying(second.documents, any(calls(_LOOKUP, text) for text in texts))


def may_vary(request: Request) -> bool:
    """Whether the chart's templates or values call a function whose answer changes."""
    return any(calls(CALL, text) for text in _texts_of(request))


def compare(first: str, second: str) -> tuple[str, list[int]]:
    """`first` with a placeholder for each word that `second` has otherwise, and the lines, from 1, that differ.

    Where the two have different numbers of lines, the differing lines stay as they are.
    """
    lines, others = first.split("\n"), second.split("\n")
    if len(lines) != len(others):
        return first, list(_replaced(lines, others))
    differing = []
    for index, (line, other) in enumerate(zip(lines, others, strict=True)):
        if line != other:
            differing.append(index + 1)
            lines[index] = _settled(line, other)
    return "\n".join(lines), differing


def _replaced(lines: list[str], others: list[str]) -> Iterator[int]:
    from difflib import SequenceMatcher

    for kind, start, end, _, _ in SequenceMatcher(None, lines, others, autojunk=True).get_opcodes():
        if kind in ("replace", "delete"):
            yield from range(start + 1, end + 1)


def _settled(line: str, other: str) -> str:
    words, others = list(_WORD.finditer(line)), _WORD.findall(other)
    if len(words) != len(others):
        return line
    result, position = [], 0
    for word, counterpart in zip(words, others, strict=True):
        text = word.group()
        result.append(line[position : word.start()])
        position = word.end()
        result.append(text if text == counterpart or len(text) > _LONGEST_WORD else _placeholder(text, counterpart))
    return "".join((*result, line[position:]))


def _placeholder(text: str, other: str) -> str:
    if text.isdigit() and other.isdigit():
        return "1" * len(text)
    shared = next((i for i, (one, two) in enumerate(zip(text, other, strict=False)) if one != two), len(text))
    start = _PART.match(text[:shared])
    return f"{start.group() if start is not None else ''}{PLACEHOLDER}"


def calls(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None and any(pattern.search(action) for action in ACTION.findall(text))


def _texts_of(request: Request) -> list[str]:
    return [*_texts(request.job.chart), *_read(path for path, _ in request.values)]


def _texts(chart: Path) -> Iterator[str]:
    """Everything in the chart that may hold template actions, subcharts and their archives included."""
    yield from _read(chart.glob("values*.yaml"))
    for part in ("templates", "charts"):
        for folder, _, files in os.walk(chart / part, followlinks=True):
            for name in files:
                path = Path(folder, name)
                yield from _archived(path) if name.endswith(_ARCHIVE) else _read((path,))


def _read(paths: Iterator[Path] | tuple[Path, ...]) -> Iterator[str]:
    for path in paths:
        try:
            if path.stat().st_size <= _MAX_FILE:
                yield path.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue  # what Helm rendered a moment ago is gone now


def _archived(path: Path) -> Iterator[str]:
    """The texts in a subchart's archive, which Helm has unpacked before, within its own limits on size."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                if member.isfile() and member.size <= _MAX_FILE and (file := archive.extractfile(member)) is not None:
                    yield file.read().decode("utf-8", "replace")
    except (OSError, EOFError, tarfile.TarError):
        return


def _copy_as_of_then(source: str, target: str) -> str:
    """Copies a file of a chart; the clock that its templates read then stands still."""
    if Path(source).stat().st_size > _MAX_FILE:
        return str(shutil.copyfile(source, target))
    data = Path(source).read_bytes()
    if b"now" in data:
        text = data.decode("utf-8", "surrogateescape")
        text = ACTION.sub(lambda action: _NOW.sub(_THEN, action.group()), text)
        data = text.encode("utf-8", "surrogateescape")
    Path(target).write_bytes(data)
    return target
