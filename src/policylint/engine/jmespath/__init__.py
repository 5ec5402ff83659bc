"""Kyverno's JMESPath: `compile(expression).search(data)`.

The grammar is that of the JMESPath specification without later additions; missing keys are errors as in
kyverno/go-jmespath, and Kyverno's own functions are there besides the standard ones
(kyverno/kyverno pkg/engine/jmespath). `values` says how numbers are treated.
"""

from policylint.engine.jmespath.query import Query, compile  # noqa: A004 -- read as jmespath.compile
from policylint.engine.jmespath.values import json_numbers

__all__ = ["Query", "compile", "json_numbers"]
