"""A suppression keeps nothing back.

What it does
------------
Reports a comment, an annotation or an entry of the configuration's `suppressions` none of whose findings exist. Only
rules that were selected and judged the file count: a suppression of a rule that is off is left alone, and entries of
the configuration are judged only in runs over the whole project.

Why is this bad
---------------
The defect was mended, or moved, or the name is of another rule. What stays would hide the next finding in that place
without anybody deciding so.

Example
-------
    image: nginx:1.27.3  # policylint: ignore[unpinned-image] mirrored on every node

Use instead
-----------
    image: nginx:1.27.3
"""

from policylint.api import Rule

RULE = Rule(id="SUP001", name="unused-suppression", severity="error")
