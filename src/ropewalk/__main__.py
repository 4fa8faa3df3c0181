"""``python -m ropewalk``: the ``ropewalk`` command."""

import sys

from ropewalk.scripts.ropewalk import main

sys.exit(main())
