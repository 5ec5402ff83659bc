"""What API servers and admission webhooks say about an object, found out of its file alone.

Every check is a function that takes an object as it would be stored and yields `Problem`s whose paths are paths of the
author's file. Which rule a problem belongs to is the business of `rules/`.
"""
