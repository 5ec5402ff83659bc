"""What a file is: from where it lies, and from the apiVersion and kind (or workflow keys) at its root."""

from typing import Literal

import yaml

from policylint.document.compose import Node
from policylint.document.scalars import KUBERNETES, WORKFLOW, Dialect

Role = Literal["kubernetes", "suite", "workflow", "action", "gitlab", "other"]

_ACTION_NAMES = ("action.yml", "action.yaml")
# Kyverno's CLI looks for the first of them; suites in the old schema have neither apiVersion nor kind.
SUITE_NAMES = ("kyverno-test.yaml", "kyverno-test.yml")
_GITLAB_NAMES = (".gitlab-ci.yml", ".gitlab-ci.yaml")


def role_by_place(path: str) -> Role | None:
    """What the file's place alone says; `path` is posix. None when its content must say."""
    folder, _, name = path.rpartition("/")
    if name in _GITLAB_NAMES:
        return "gitlab"
    if name in SUITE_NAMES:
        return "suite"
    if (folder == ".github/workflows" or folder.endswith("/.github/workflows")) and name.endswith((".yml", ".yaml")):
        return "workflow"
    return None


def role_of(path: str, root: Node) -> Role:
    """What a document is, from its place and its root's keys."""
    by_place = role_by_place(path)
    if by_place is not None:
        return by_place
    keys = _root_keys(root)
    if "apiVersion" in keys or "kind" in keys:
        return "kubernetes"
    if "jobs" in keys and "on" in keys:
        return "workflow"
    runs = keys.get("runs")
    is_action = path.rpartition("/")[2] in _ACTION_NAMES or (runs is not None and "using" in _root_keys(runs))
    return "action" if runs is not None and is_action else "other"


def dialect_of(role: Role) -> Dialect:
    return WORKFLOW if role in ("workflow", "action", "gitlab") else KUBERNETES


def _root_keys(node: Node) -> dict[str, Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
