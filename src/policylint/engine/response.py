"""What evaluating a policy came to, rule by rule, and why."""

from typing import Any, Literal, NamedTuple

from policylint.model import YamlPath

Status = Literal["pass", "fail", "warn", "error", "skip"]
RuleType = Literal["validate", "mutate", "verifyImages", "generate", "cleanup"]


class Step(NamedTuple):
    """One decision on the way to a verdict, for explanations.

    `policy_path` and `resource_path` are where it was taken, in the policy's and the resource's own documents.
    `holds` tells whether what the policy says there was so; None for steps that decide nothing, such as the next
    element of a list.
    """

    what: str
    outcome: str
    policy_path: YamlPath | None = None
    resource_path: YamlPath | None = None
    holds: bool | None = None


class RuleResponse(NamedTuple):
    """The verdict of one rule. Rules that did not match the request have none.

    `rule` is upstream's name for it (`autogen-` and `autogen-cronjob-` prefixes included); `source_rule` the index of
    the rule in the policy's own document. `policy_path` and `resource_path` point at what decided. `patched` is the
    whole object after a mutation; `target` the object mutated instead of the request's own; `generated` the objects
    that a generate rule makes; `unsupported` names a feature that kept the rule from being evaluated.
    """

    rule: str
    type: RuleType
    status: Status
    message: str
    source_rule: int = 0
    policy_path: YamlPath | None = None
    resource_path: YamlPath | None = None
    patched: Any = None
    target: Any = None
    generated: tuple[Any, ...] = ()
    exceptions: tuple[str, ...] = ()
    unsupported: str = ""
    steps: tuple[Step, ...] = ()


class Unmatched(NamedTuple):
    """A rule that did not apply to the request, and the clause that kept it from applying."""

    rule: str
    reason: str
    policy_path: YamlPath | None = None


class PolicyResponse(NamedTuple):
    """Every rule's verdict for one policy and one request. `patched` is the object after its mutations."""

    policy: str
    rules: tuple[RuleResponse, ...]
    unmatched: tuple[Unmatched, ...] = ()
    patched: Any = None
