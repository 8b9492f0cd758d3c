"""``python -m sandbox``: the same as ``make demo``."""

import sys

from sandbox.demo import main

sys.exit(main())
