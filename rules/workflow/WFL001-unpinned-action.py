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

from policylint.api import Option, Problem, Rule, RuleContext
from policylint.views.workflow import GithubFile, UsesClause

_POLICIES = {
    "type": "object",
    "propertyNames": {"pattern": r"^(\*|[^/*@\s]+/(\*|[^/*@\s]+(/\*|(/[^/*@\s]+)+)?))$"},
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
    for clause in file.uses:
        uses, refused = clause.uses, f'GitHub refuses "uses: {clause.uses.text}"'
        pin = f"pin the full commit: {uses.name or 'owner/repo'}@<40 hexadecimal digits>"
        if uses.kind == "refused":
            yield Problem(clause.path, f"{refused}: {uses.reason}", pin)
        elif uses.kind == "docker" and clause.calls_workflow:
            yield Problem(clause.path, f"{refused}: a job calls a workflow, not an image", pin)
        elif uses.kind == "repository" and uses.ref is None:
            yield Problem(clause.path, f"{refused}: it has no ref; @ and a commit belong after the name", pin)
        elif uses.kind == "repository":
            yield from _unpinned(clause, context, f"{pin} # {uses.ref}")


def _unpinned(clause: UsesClause, context: RuleContext, pin: str) -> Iterator[Problem]:
    pattern, policy = clause.uses.policy(context.options["policies"])
    kind = clause.uses.ref_kind
    if policy == "hash-pin" and kind != "commit":
        asked = f" (the policy for {pattern} asks for a commit)" if pattern else ""
        message = f"{clause.uses.name} {_DECIDED[kind].format(ref=clause.uses.ref)}{asked}"
        yield Problem(clause.path, message, pin, "warning" if kind == "version" else None)
