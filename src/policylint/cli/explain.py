"""`policylint explain`: a rule's own page, in the terminal."""

import argparse
import sys

from policylint.cli.settings import add_configuration_arguments, read_configuration
from policylint.lint.describe import find_rule, rule_page
from policylint.lint.load_rules import load_rules
from policylint.lint.session import rule_folders


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", nargs="+", metavar="RULE", help="ids or names")
    add_configuration_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the page of each rule named. Raises UsageError for a rule that does not exist."""
    config = read_configuration(arguments)
    rules = load_rules(rule_folders(config), arguments.allow_python_rules)
    pages = [rule_page(find_rule(rules, name)) for name in arguments.rules]
    sys.stdout.write("\n".join(pages))
    return 0
