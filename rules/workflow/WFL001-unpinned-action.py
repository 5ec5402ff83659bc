"""An action or a reusable workflow is not pinned to a commit.

What it does
------------
Asks every `uses:` of a workflow or a composite action for the full commit, 40 hexadecimal digits. A version tag is a
warning; a branch, an abbreviated commit or no ref is an error. Local actions are clean; `docker://` is WFL002's.
`policies` relaxes this for an owner or an action.

Why is this bad
---------------
Whoever can push to the action can move its tags and branches, and the next run executes that code with the workflow's
token and secrets. A commit's hash cannot be moved.

Example
-------
    steps:
      - uses: actions/checkout@v4

Use instead
-----------
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2

References
----------
- https://docs.github.com/en/actions/reference/security/secure-use
- https://docs.zizmor.sh/audits/#unpinned-uses
"""

from collections.abc import Iterator

from policylint.api import Option, Problem, Rule, RuleContext, YamlPath
from policylint.views.uses import PATTERN, Uses, policy_for, ref_kind
from policylint.views.workflow import GithubFile

_POLICIES = {
    "type": "object",
    "propertyNames": {"pattern": PATTERN},
    "additionalProperties": {"enum": ["any", "ref-pin", "hash-pin"]},
}
RULE = Rule(
    id="WFL001",
    name="unpinned-action",
    severity="error",
    judges=GithubFile,
    options={"policies": Option(_POLICIES, {}, "what to ask of actions, by pattern: any, ref-pin or hash-pin")},
    aliases=("zizmor:unpinned-uses",),
)
_DECIDED = {
    "version": "is pinned to the version {ref}, a tag or branch that can be moved to another commit",
    "digest": "is pinned to {ref}, which has 64 hexadecimal digits; a commit has 40",
    "short-commit": "is pinned to {ref}, an abbreviated commit, which a branch or a tag of that name outranks",
    "branch": "is pinned to {ref}, which is no commit: it is whatever that branch or tag holds when the run starts",
}


def check(file: GithubFile, context: RuleContext) -> Iterator[Problem]:
    for path, uses, calls_workflow in file.uses:
        refused = f'GitHub refuses "uses: {uses.text}"'
        if uses.kind == "refused":
            yield Problem(path, f"{refused}: {uses.reason}", _pin(uses))
        elif uses.kind == "docker" and calls_workflow:
            yield Problem(path, f"{refused}: a job calls a workflow, not an image", _pin(uses))
        elif uses.kind == "repository" and uses.ref is None:
            yield Problem(path, f"{refused}: it has no ref; @ and a commit belong after the name", _pin(uses))
        elif uses.kind == "repository" and uses.ref is not None:
            yield from _unpinned(path, uses, uses.ref, context)


def _unpinned(path: YamlPath, uses: Uses, ref: str, context: RuleContext) -> Iterator[Problem]:
    pattern, policy = policy_for(uses, context.options["policies"])
    if policy == "hash-pin" and (kind := ref_kind(ref)) != "commit":
        asked = f" (the policy for {pattern} asks for a commit)" if pattern else ""
        message = f"{uses.name} {_DECIDED[kind].format(ref=ref)}{asked}"
        yield Problem(path, message, _pin(uses), "warning" if kind == "version" else None)


def _pin(uses: Uses) -> str:
    ref = f" # {uses.ref}" if uses.ref else ""
    return f"pin the full commit: {uses.name or 'owner/repo'}@<40 hexadecimal digits>{ref}"
