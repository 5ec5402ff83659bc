"""How commands, their output and files are read out of Markdown."""

from documented_commands import Command, WrittenFile, prints, steps

PAGE = """\
# Title

```console
$ one --flag
first
second
$ two \\
  --more
```

<!-- not run: it would take
too long -->
```sh
three
four
```

`a/rule.yaml` is this:

```yaml
id: A
```

And there is `a/rule.py`:

```python
pass
```

```ini
# pytest.ini
[pytest]
```

```yaml
neither: here
```
"""


def test_steps_come_in_order() -> None:
    assert list(steps(PAGE)) == [
        Command(4, "one --flag", "first\nsecond", ""),
        Command(7, "two \\\n  --more", None, ""),
        Command(14, "three", None, "it would take too long"),
        Command(15, "four", None, "it would take too long"),
        WrittenFile("a/rule.yaml", "id: A\n"),
        WrittenFile("a/rule.py", "pass\n"),
        WrittenFile("pytest.ini", "# pytest.ini\n[pytest]\n"),
    ]


def test_an_ellipsis_stands_for_anything() -> None:
    assert prints("a\n…\nd", "a\nb\nc\nd\n")
    assert prints("a\n… 2 more\nd", "a\nd\n")
    assert prints("took … s", "took 0.31 s\n")
    assert not prints("a\n…\nd", "a\nb\n")
    assert not prints("a", "a\nb\n")
    assert not prints("a.c", "abc\n")
