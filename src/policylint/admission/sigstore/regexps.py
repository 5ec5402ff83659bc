"""Regular expressions as Go's package regexp reads them: RE2, whose library Python has too."""


def fault(pattern: str) -> str:
    """Why `pattern` cannot be compiled, or nothing."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return ""
