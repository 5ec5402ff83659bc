"""What makes a finding the same finding tomorrow: the rule, the object, the place in it, and what was said.

Lines and list indices move when something unrelated is edited, so neither takes part where there is a better name.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from policylint.document.document import Document
from policylint.model import ROOT, Finding, YamlPath
from policylint.regex import regex

_PLACES = regex(r"\b(lines?|columns?) \d+(?:(?:, | and |-)\d+)*|(\.(?:ya?ml|json|tpl)):\d+(?::\d+)?", re.IGNORECASE)


def stable_path(document: Document, path: YamlPath) -> str:
    """`path` with list items called by their `name` where they have one: `spec.containers[name=app].image`."""
    text = ""
    value: Any = document.data
    for step in path:
        value = _below(value, step)
        name = value.get("name") if isinstance(value, dict) and isinstance(step, int) else None
        if isinstance(name, str) and name:
            text += f"[name={name}]"
        else:
            one = str(ROOT / step)
            text += one if isinstance(step, int) or not text or one.startswith("[") else f".{one}"
    return text


def _below(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return value[step]
    return None


def fingerprint(finding: Finding, stable: str) -> str:
    """The sha256 in hexadecimal of the finding at the stable path `stable`; its own fingerprint is not looked at."""
    import hashlib

    resource = "" if finding.resource is None else f"{finding.resource.api_version} {finding.resource}"
    parts = (finding.rule, finding.location.path, resource, stable, normalised(finding.message))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def normalised(message: str) -> str:
    """The message with one space for any blank, and without the numbers of lines and columns."""
    return " ".join(_PLACES.sub(lambda match: match[1] or match[2], message).split())


def numbered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in their order, equal fingerprints told apart by a counter: `…`, `…:2`, `…:3`."""
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        seen[finding.fingerprint] += 1
        count = seen[finding.fingerprint]
        result.append(finding if count == 1 else finding._replace(fingerprint=f"{finding.fingerprint}:{count}"))
    return result
