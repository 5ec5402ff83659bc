"""Values that something fills in before the object is applied, so that no other rule can judge them."""

from collections.abc import Iterator
from typing import Any

from policylint.admission.sigstore.config_maps import EXAMPLE
from policylint.admission.sigstore.fields import SPEC, filled_in, stands_in
from policylint.document.document import Document
from policylint.model import ROOT, Problem, YamlPath
from policylint.views.sigstore_objects import CONTROLLER, IMAGE_POLICIES

# where a name alone in capitals is a stand-in as well, since long data belongs there
_DATA = ("data", "root", "mirrorFS", "certChain", "publicKey")
# the source of a policy in CUE or Rego, which is not judged anyway
_SOURCE = ("policy", "data")


def problems(document: Document) -> Iterator[Problem]:
    """One problem for each value that is not known yet."""
    if document.group == "policy.sigstore.dev":
        yield from _within(document.mapping.get("spec"), SPEC)
    elif document.kind == "ConfigMap" and document.name in (CONTROLLER, IMAGE_POLICIES):
        data = document.mapping.get("data")
        for key, value in data.items() if isinstance(data, dict) else ():
            if key != EXAMPLE and isinstance(value, str) and filled_in(value):
                yield _not_judged(ROOT / "data" / key, value)


def _within(value: Any, path: YamlPath) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _within(item, path / str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _within(item, path / index)
    elif isinstance(value, str) and path[-2:] != _SOURCE and _is_unknown(value, path):
        yield _not_judged(path, value)


def _is_unknown(value: str, path: YamlPath) -> bool:
    return filled_in(value) or (path[-1] in _DATA and stands_in(value))


def _not_judged(path: YamlPath, value: str) -> Problem:
    shown = " ".join(value.split())
    return Problem(
        path,
        f"{shown if len(shown) < 60 else shown[:57] + '...'} is filled in before this is applied: it was not judged",
        "judge what comes out of the tool that fills it in",
    )
