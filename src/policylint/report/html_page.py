"""What the HTML reports share. A page forbids itself scripts and all that would be loaded."""

from html import escape

from policylint.report.escape import visible

END = "</body>\n</html>\n"
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
"""


def head(title: str, style: str) -> str:
    """The beginning of a page, up to its body. Both texts are our own and stand as they are."""
    return _HEAD.format(title=title, style=style)


def shown(text: str) -> str:
    """`text` as HTML shows it and nothing more, what cannot be seen as escapes."""
    return escape(visible(text))
