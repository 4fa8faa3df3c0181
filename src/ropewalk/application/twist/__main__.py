"""``python -m ropewalk.application.twist``: the ``twist`` command."""

import sys

from ropewalk.application.twist._twist import main

if __name__ == "__main__":
    sys.argv[0] = "twist"
    sys.exit(main())
