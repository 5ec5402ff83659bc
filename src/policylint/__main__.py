"""`python -m policylint` is the `policylint` command."""

import sys

from policylint.cli import main

if __name__ == "__main__":
    sys.exit(main())
