"""Regular expressions as Go's package regexp reads them: RE2, whose library Python has too."""

from policylint.re2_patterns import PatternError, compile_pattern


def fault(pattern: str) -> str:
    """Why `pattern` cannot be compiled, or nothing."""
    try:
        compile_pattern(pattern)
    except PatternError as error:
        return str(error)
    return ""
