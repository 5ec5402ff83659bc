"""Which files are the test data of a policy suite: they are made to be refused, and no cluster ever gets them."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from policylint.document.compose import ComposedDocument, compose
from policylint.document.construct import ConstructError, construct
from policylint.document.scalars import KUBERNETES
from policylint.errors import SourceError
from policylint.sources.files import read_file

# the keys of a suite, and of each of its results, that name files of test data; policies are judged like any other
_SUITE_KEYS = (
    "resources",
    "targetResources",
    "paramResources",
    "variables",
    "userinfo",
    "context",
    "exceptions",
    "clusterResources",
    "jsonPayload",
    "jsonPayloads",
    "httpPayloads",
    "envoyPayloads",
)
_MOST_FILES = 10_000
_RESULT_KEYS = ("patchedResource", "patchedResources", "generatedResource", "generatedResources", "cloneSourceResource")


def suite_data(suite: Path) -> set[Path]:
    """The files and folders of test data that the suite file at `suite` names; none when it cannot be read.

    What it names as a policy too is no test data.
    """
    try:
        text = read_file(suite, suite.name).text
    except SourceError:
        return set()  # judging the suite itself says why
    found: set[Path] = set()
    for part in compose(text):
        if isinstance(part, ComposedDocument):
            try:
                data = construct(part.node, KUBERNETES).data
            except ConstructError:
                continue
            if isinstance(data, dict):
                policies = {path for name in _names(data, ("policies",)) for path in _paths(suite.parent, name)}
                found |= {path for name in _data_names(data) for path in _paths(suite.parent, name)} - policies
    return found


def _data_names(data: dict[str, Any]) -> Iterator[str]:
    yield from _names(data, _SUITE_KEYS)
    results = data.get("results")
    for result in results if isinstance(results, list) else []:
        if isinstance(result, dict):
            yield from _names(result, _RESULT_KEYS)


def _names(mapping: dict[str, Any], keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        value = mapping.get(key)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and item:
                yield item


def _paths(folder: Path, name: str) -> Iterator[Path]:
    if "\0" in name or Path(name).is_absolute() or "://" in name:
        return
    if not any(character in name for character in "*?["):
        yield folder / name
        return
    try:
        yield from islice(folder.glob(name), _MOST_FILES)
    except (ValueError, OSError):
        return  # no pattern, which the suite's own rules report
