"""The Common Expression Language: syntax.

Source: google/cel-spec, doc/langdef.md, and the grammar that the Kubernetes API server uses (google/cel-go,
parser/gen/CEL.g4, with optional syntax and quoted field names).
"""

from policylint.engine.cel.nodes import Call, CelSyntaxError, Expression, Identifier, Literal, Select, walk
from policylint.engine.cel.parser import parse

__all__ = ["Call", "CelSyntaxError", "Expression", "Identifier", "Literal", "Select", "parse", "walk"]
