"""A file or document could not be read, so nothing in it was judged.

What it does
------------
Reports input that is not valid YAML, JSON or text (with the position where reading stopped), and input that could not
be opened at all: missing, unreadable, binary, too large, too deep, or made of aliases that multiply.

Why is this bad
---------------
A file that no tool can read is applied by no cluster, and a linter that skips it in silence reports a clean run over
nothing. The other documents of the file are still judged.

Example
-------
    metadata:
        name: web        # a tab

Use instead
-----------
    metadata:
      name: web

References
----------
- https://yaml.org/spec/1.2.2/#61-indentation-spaces
"""

from policylint.api import Rule

RULE = Rule(id="PRJ001", name="unparsed-file", severity="error")
