"""The two ConfigMaps that policy-controller reads in its own namespace.

Sources: sigstore/policy-controller pkg/config/store.go `NewPolicyControllerConfigFromMap`,
pkg/apis/config/image_policies.go `NewImagePoliciesConfigFromMap`. When one cannot be read, the controller does not
start, or keeps what it had read before.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from yaml import MappingNode

from policylint.admission.sigstore.fields import filled_in
from policylint.document.compose import ParseError, compose
from policylint.document.document import Document
from policylint.model import ROOT, Problem, YamlPath
from policylint.views.shape import type_name
from policylint.views.sigstore_objects import CONTROLLER, IMAGE_POLICIES

NO_MATCH = "no-match-policy"
NO_MATCH_VALUES = ("deny", "allow", "warn")
_SWITCHES = ("fail-on-empty-authorities", "enable-oci11", "annotate-validation-results")
_KEYS = (NO_MATCH, *_SWITCHES)
EXAMPLE = "_example"
_DATA = ROOT / "data"
# what Go's strconv.ParseBool takes
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


def go_bool(text: str) -> bool | None:
    """What Go's strconv.ParseBool makes of `text`; None for what it refuses."""
    return text in _TRUE if text in (*_TRUE, *_FALSE) else None


def problems(document: Document) -> Iterator[Problem]:
    """What policy-controller cannot read, or reads as something else, in its ConfigMap `document`."""
    data = document.mapping.get("data")
    if document.name not in (CONTROLLER, IMAGE_POLICIES) or not isinstance(data, dict):
        return
    for key, value in data.items():
        path = _DATA / key
        if not isinstance(value, str):
            yield Problem(
                path,
                f"{key} is {type_name(value)}, and a ConfigMap holds strings: the API server refuses it",
                f'Quote it: {key}: "{_spelled(value)}".',
            )
        elif key == EXAMPLE or filled_in(value):
            continue
        elif document.name == CONTROLLER:
            yield from _setting(key, value, path)
        else:
            yield from _compiled(key, value, path)


def _setting(key: str, value: str, path: YamlPath) -> Iterator[Problem]:
    if key == NO_MATCH and value not in NO_MATCH_VALUES:
        yield Problem(
            path,
            f"{value!r} is none of {', '.join(NO_MATCH_VALUES)}, so that policy-controller reads deny",
            "Write the value that is meant.",
            severity="warning",
        )
    elif key in _SWITCHES and go_bool(value) is None:
        yield Problem(
            path,
            f"{value!r} is neither true nor false: policy-controller cannot read its configuration,"
            " and does not start with it",
            f'Write {key}: "true" or {key}: "false".',
        )
    elif key not in _KEYS:
        nearest = get_close_matches(key, _KEYS, 1)
        yield Problem(
            path,
            f"policy-controller has no setting {key}, and ignores it",
            f"Did you mean {nearest[0]}?" if nearest else f"Its settings are {', '.join(_KEYS)}.",
            severity="warning",
            at="key",
        )


def _compiled(key: str, value: str, path: YamlPath) -> Iterator[Problem]:
    """An entry of config-image-policies, which the controller itself writes from ClusterImagePolicies."""
    help_text = f"Leave {IMAGE_POLICIES} to the controller, and apply a ClusterImagePolicy instead."
    if not value:
        yield Problem(path, f"{key} is empty: policy-controller cannot read any policy", help_text)
        return
    found = next(compose(value), None)
    if isinstance(found, ParseError):
        yield Problem(path, f"{key} is no YAML ({found.message}): policy-controller cannot read any policy", help_text)
    elif found is not None and not isinstance(found.node, MappingNode):
        yield Problem(path, f"{key} holds no mapping: policy-controller cannot read any policy", help_text)


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
