"""`python -m pipec` is `pipec`."""

import sys

from pipec.cli import main

sys.exit(main())
