"""A suppression's last day is over.

What it does
------------
Reports a suppression whose `until` lies before today. From that day on it keeps nothing back: the findings that it hid
are reported again beside this one.

Why is this bad
---------------
A date was set so that somebody would look again. That day has come.

Example
-------
    image: nginx  # policylint: ignore[unpinned-image] until=2020-01-31 the mirror is being built

Use instead
-----------
    image: nginx:1.27.3
"""

from policylint.api import Rule

RULE = Rule(id="SUP002", name="expired-suppression", severity="error")
