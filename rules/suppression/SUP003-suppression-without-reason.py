"""A suppression does not say why.

What it does
------------
Reports a suppression that gives no reason: text after the bracket of a comment, the annotation
`policylint.dev/ignore-reason` beside `policylint.dev/ignore`, or `reason` in the configuration.

Why is this bad
---------------
Nobody can tell later whether the decision still holds, so it is never revised.

Example
-------
    image: nginx  # policylint: ignore[unpinned-image]

Use instead
-----------
    image: nginx  # policylint: ignore[unpinned-image] throwaway pod of the smoke test
"""

from policylint.api import Rule

RULE = Rule(id="SUP003", name="suppression-without-reason", severity="warning", default=False, profiles=("strict",))
