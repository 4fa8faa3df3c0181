"""``python -m ropewalk.application.twist``: the ``twist`` command."""

import sys

if __name__ == "__main__":
    from ropewalk import _standin

    # As the installed command does: plugins may have been written for Twisted.
    _standin.install()
    from ropewalk.application.twist._twist import main

    sys.argv[0] = "twist"
    sys.exit(main())
