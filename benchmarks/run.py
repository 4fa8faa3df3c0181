"""Measure Ropewalk beside Twisted, asyncio, uvloop and C. `README.md` says how to read the tables."""

import sys

from harness.command import main

sys.exit(main())
