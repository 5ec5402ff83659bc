"""What stands in for the cluster, registries and web services: the store of upstream's command line
(cmd/cli/kubectl-kyverno/store).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policylint.engine import jmespath
from policylint.engine.declared_images import DeclaredImage
from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath import json_numbers

_AUTOGEN = ("autogen-cronjob-", "autogen-")


class ApiResponse(NamedTuple):
    """The answer to one call. `url` is a URL or the path of one; an empty `method` answers any."""

    url: str
    body: Any = None
    method: str = ""
    status: int = 200


class RuleValues(NamedTuple):
    """A suite's values for one rule: variables by dotted name, and those of foreach by element."""

    values: Mapping[str, Any] = {}
    foreach_values: Mapping[str, Sequence[Any]] = {}


class Backends(NamedTuple):
    """What there is instead of the outside world.

    `rule_values` by policy and rule name. `config_maps` by namespace and name, `images` by reference, each with what
    upstream fetches; `global_context` by the name of the global context entry, an EvaluationError where a suite
    declares one wrongly. `objects` are what rules find that mutate existing objects, and that clone them;
    `clone_sources`, by policy and rule name, those declared for one rule. `declared_images` are, by reference in full,
    the signatures that images are said to have. None means that there is no such backend: its entries are then not
    loaded, which is no error until a variable asks for them.
    """

    rule_values: Mapping[tuple[str, str], RuleValues] = {}
    config_maps: Mapping[tuple[str, str], Mapping[str, Any]] | None = None
    api_responses: Sequence[ApiResponse] = ()
    images: Mapping[str, Any] | None = None
    global_context: Mapping[str, Any] | None = None
    objects: Sequence[Mapping[str, Any]] = ()
    clone_sources: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]] = {}
    declared_images: Mapping[str, DeclaredImage] = {}

    def values_for(self, policy: str, rule: str) -> RuleValues:
        """The values declared for a rule, also under the names that autogen makes of its name."""
        for name in (rule, *(rule.removeprefix(prefix) for prefix in _AUTOGEN if rule.startswith(prefix))):
            if (policy, name) in self.rule_values:
                return self.rule_values[policy, name]
        return RuleValues()


def resolve_global_entry(data: Any, field_path: str = "", projections: Mapping[str, str] | None = None) -> Any:
    """What a global context entry declared with `data` holds: a part of it, and with `projections` (names to JMESPath
    expressions) a mapping of further parts (store/gctx_resolve.go). Raises EvaluationError.
    """
    if data is None:
        if projections:
            raise EvaluationError("projections need data")
        return None
    data = json_numbers(data)
    if field_path:
        data = jmespath.compile(field_path).search(data)
    if not projections:
        return data
    return {name: jmespath.compile(expression).search(data) for name, expression in projections.items()}
