"""What can be said of a CEL expression without parsing it: brackets, quotes and emptiness.

Only what no parser could accept is told (cel-spec doc/langdef.md, `Syntax`); everything else may be right or wrong.
"""

from policylint.regex import regex

_TOKEN = regex(
    r"//[^\n]*"
    r"|(?:\b(?P<prefix>[bBrR]{1,2}))?(?P<quote>\"\"\"|'''|\"|')"
    r"|(?P<bracket>[()\[\]{}])"
    r"|\w+"
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_OPENS = {opening: closing for closing, opening in _CLOSES.items()}
_HTTP = regex(r"(?<![\w.])http\s*\.")
_AROUND_DOTS = regex(r"\s*\.\s*")


def syntax_defect(expression: str) -> str:
    """Why no CEL parser can accept `expression`; empty when that cannot be said."""
    if not expression.strip():
        return "the expression is empty"
    open_brackets: list[str] = []
    position = 0
    while (found := _TOKEN.search(expression, position)) is not None:
        position = found.end()
        if found["quote"]:
            end = _string_end(expression, position, found["quote"], raw="r" in (found["prefix"] or "").lower())
            if end is None:
                return f"the quote {found['quote']} is not closed"
            position = end
        elif found["bracket"] in _CLOSES:
            if not open_brackets or open_brackets.pop() != _CLOSES[found["bracket"]]:
                return f"{found['bracket']} closes nothing that is open"
        elif found["bracket"]:
            open_brackets.append(found["bracket"])
    return f"{_OPENS[open_brackets[-1]]} is missing" if open_brackets else ""


def _string_end(text: str, position: int, quote: str, *, raw: bool) -> int | None:
    """The index after the closing quote. Strings in single quotation marks end on their line."""
    while position < len(text):
        if text.startswith(quote, position):
            return position + len(quote)
        character = text[position]
        if character in "\r\n" and len(quote) == 1:
            return None
        position += 2 if character == "\\" and not raw else 1
    return None


def names_http(expression: str) -> bool:
    """Whether `expression` uses the variable `http`: kyverno pkg/cel/compiler `ExpressionsUseHTTP`."""
    return not syntax_defect(expression) and _HTTP.search(_AROUND_DOTS.sub(".", _code(expression))) is not None


def _code(expression: str) -> str:
    """The expression with strings and comments emptied. It has no syntax defect."""
    parts: list[str] = []
    kept = position = 0
    while (found := _TOKEN.search(expression, position)) is not None:
        position = found.end()
        end: int | None = None
        if found["quote"]:
            end = _string_end(expression, position, found["quote"], raw="r" in (found["prefix"] or "").lower())
        elif found[0].startswith("//"):
            end = position
        if end is not None:
            parts += expression[kept : found.start()], '""' if found["quote"] else " "
            kept = position = end
    return "".join([*parts, expression[kept:]])
