"""`python -m earnest`: what the launcher at the root runs in .venv."""

import sys

from earnest.cli import main

sys.exit(main(sys.argv[1:]))
