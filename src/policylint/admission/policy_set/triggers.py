"""At which refs a GitHub workflow can run, as far as its file says so.

Source: GitHub's "Events that trigger workflows" (the column GITHUB_REF) and the filter patterns of its workflow syntax.
Events that are not listed here, and what is written in a way that GitHub refuses, may run at any ref.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.admission.policy_set.subjects import Ref
from policylint.re2_patterns import compiled
from policylint.regex import regex

HEADS, TAGS, PULLS = "refs/heads/", "refs/tags/", "refs/pull/"
_REVIEWED = ("pull_request", "pull_request_review", "pull_request_review_comment")
# what runs at the default branch, whose name no file tells, or at the base of a pull request
_BRANCHES = (
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "delete",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "public",
    "pull_request_target",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_run",
)
_EITHER = ("create", "push", "registry_package", "workflow_dispatch")
_CALLED = "workflow_call"
_SHOWN = 4
_LITERAL_END = regex(r"[*?+\[\]!\\]")


class Trigger(NamedTuple):
    """An event of `on:` and its filters, in the order in which they are written."""

    event: str
    filters: Mapping[str, Sequence[str]]
    types: Sequence[str] = ()

    def __str__(self) -> str:
        said = [f"{key} {', '.join(values[:_SHOWN])}" for key, values in self.filters.items() if values]
        return f"{self.event} ({'; '.join(said)})" if said else self.event


def triggers(workflow: Any) -> tuple[Trigger, ...]:
    """The events that start a workflow; none when its `on:` cannot be read."""
    on = workflow.get("on") if isinstance(workflow, dict) else None
    if isinstance(on, str):
        return (Trigger(on, {}),)
    if isinstance(on, list):
        return tuple(Trigger(event, {}) for event in on if isinstance(event, str))
    return tuple(_trigger(str(event), given) for event, given in on.items()) if isinstance(on, dict) else ()


def may_run(trigger: Trigger, ref: Ref) -> bool:
    """Whether a run that `trigger` starts can be at `ref`."""
    event = trigger.event
    if event == "push":
        return any(_may_push(trigger, kind, ref) for kind in (HEADS, TAGS))
    if event in _REVIEWED:
        # merged when it was closed, it runs at the branch that it was merged into
        merged = "closed" in trigger.types and _passes(trigger.filters, "branches", HEADS, ref)
        return merged or _may_be(ref, PULLS)
    if event in _EITHER:
        return _may_be(ref, HEADS) or _may_be(ref, TAGS)
    if event == "release":
        return _may_be(ref, TAGS)
    return _may_be(ref, HEADS) if event in _BRANCHES else True


def _trigger(event: str, given: Any) -> Trigger:
    options = given if isinstance(given, dict) else {}
    filters = {
        key: _texts(options[key])
        for key in ("branches", "branches-ignore", "tags", "tags-ignore")
        if options.get(key) is not None
    }
    return Trigger(event, filters, _texts(options.get("types")))


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(each) for each in value)
    return () if value is None else (str(value),)


def _may_push(trigger: Trigger, kind: str, ref: Ref) -> bool:
    mine, other = ("branches", "tags") if kind == HEADS else ("tags", "branches")
    filters = trigger.filters
    says_mine = mine in filters or f"{mine}-ignore" in filters
    if not says_mine and (other in filters or f"{other}-ignore" in filters):
        return False
    return _passes(filters, mine, kind, ref)


def _passes(filters: Mapping[str, Sequence[str]], key: str, kind: str, ref: Ref) -> bool:
    """Whether a ref of `kind` that meets the filters can be `ref`."""
    if not _may_be(ref, kind):
        return False
    wanted, ignored = filters.get(key), filters.get(f"{key}-ignore")
    if ref.exact:
        name = ref.prefix[len(kind) :]
        if ignored is not None and any(glob_matches(pattern, name) for pattern in ignored):
            return False
        return wanted is None or _accepts(wanted, name)
    return wanted is None or any(_may_meet(pattern, kind, ref) for pattern in wanted if not pattern.startswith("!"))


def _may_be(ref: Ref, kind: str) -> bool:
    return ref.prefix.startswith(kind) or (not ref.exact and kind.startswith(ref.prefix))


def _accepts(patterns: Sequence[str], name: str) -> bool:
    """The last pattern that matches decides; `!` takes back what earlier ones let in."""
    accepted = False
    for pattern in patterns:
        if pattern.startswith("!"):
            accepted = accepted and not glob_matches(pattern[1:], name)
        elif not accepted:
            accepted = glob_matches(pattern, name)
    return accepted


def _may_meet(pattern: str, kind: str, ref: Ref) -> bool:
    """Whether some ref meets both the filter's pattern and the pattern `ref`; judged by how both begin."""
    end = _LITERAL_END.search(pattern)
    if end is None:
        return ref.matches(kind + pattern)
    # the character before ? or + may be missing or repeated
    begin = kind + pattern[: max(0, end.start() - (end.group() in "?+"))]
    return begin.startswith(ref.prefix) or ref.prefix.startswith(begin)


def glob_matches(pattern: str, name: str) -> bool:
    """Whether a filter pattern of GitHub matches the whole name; true for one that cannot be read."""
    found = compiled("".join(_translated(pattern)))
    return found is None or found.fullmatch(name) is not None


def _translated(pattern: str) -> Iterator[str]:
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if pattern.startswith("**", at):
            at += 1
            yield ".*"
        elif character == "*":
            yield "[^/]*"
        elif character in "?+":
            yield character
        elif character == "[" and (end := pattern.find("]", at)) > 0:
            yield pattern[at : end + 1]
            at = end
        elif character == "\\" and at + 1 < len(pattern):
            at += 1
            yield re.escape(pattern[at])
        else:
            yield re.escape(character)
        at += 1


def is_called(found: Sequence[Trigger]) -> bool:
    """Whether other workflows, also those of other repositories, may call it, at whatever ref they like."""
    return any(trigger.event == _CALLED for trigger in found)
