"""A mapping has the same key twice, and only one of the two values counts.

What it does
------------
Reports every key that its mapping already has, after resolving keys as the file's reader does: in a manifest `yes` and
`true` are the same key.

Why is this bad
---------------
kubectl keeps the last value and says nothing, strict decoders refuse the object, and GitHub refuses the workflow. The
reader of the file sees both.

Example
-------
    spec:
      failurePolicy: Fail
      failurePolicy: Ignore

Use instead
-----------
    spec:
      failurePolicy: Ignore

References
----------
- https://yaml.org/spec/1.2.2/#3213-node-comparison
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Rule, RuleContext

RULE = Rule(id="PRJ002", name="duplicate-key", severity="error")


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    for path, duplicate in document.duplicate_paths.items():
        first = document.location_of(duplicate.first)
        yield Problem(
            path,
            f"{duplicate.key!r} is already a key of this mapping, on line {first.line}; only the last value counts",
            "keep one of the two",
            at="key",
        )
