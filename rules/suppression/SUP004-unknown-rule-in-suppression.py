"""A suppression names no rule that exists, or cannot be read.

What it does
------------
Reports names in a suppression that are neither the id nor the name of a rule, `ignore` without a bracket, a bracket
without names, dates that are none, other words after `policylint:`, and rules that cannot be suppressed from inside a
file: unparsed files (PRJ001) and the rules about suppressions.

Why is this bad
---------------
It suppresses nothing. Its author believes that it does, or meant another rule, which is then reported or missed.

Example
-------
    image: nginx  # policylint: ignore[unpined-image] throwaway pod

Use instead
-----------
    image: nginx  # policylint: ignore[unpinned-image] throwaway pod
"""

from policylint.api import Rule

RULE = Rule(id="SUP004", name="unknown-rule-in-suppression", severity="error")
