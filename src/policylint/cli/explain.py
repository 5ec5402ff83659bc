"""`policylint explain`: a rule's own page, in the terminal."""

import argparse
import sys

from policylint.cli.settings import add_configuration_arguments, read_configuration
from policylint.lint.describe import find_rule, rule_page
from policylint.lint.session import all_rules


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", nargs="+", metavar="RULE", help="ids or names")
    add_configuration_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the page of each rule named. Raises UsageError for a rule that does not exist."""
    config = read_configuration(arguments)
    rules = all_rules(config, arguments.allow_python_rules)
    pages = [rule_page(find_rule(rules, name)) for name in arguments.rules]
    sys.stdout.write("\n".join(pages))
    return 0
