"""The chat as something to deploy: ``twistd -y chat.tac``, or ``CHAT='--port 8123 --auth file:users' twistd -y chat.tac``.

Events go to ``chat.log`` as JSON, a line each, which is rotated; ``twist chat --help`` lists what CHAT may hold.
"""

import os
import shlex

from ropewalk.application import service
from ropewalk.demo.chat.service import Options, makeService
from ropewalk.logger import ILogObserver, jsonFileLogObserver
from ropewalk.python.logfile import LogFile

options = Options()
options.parseOptions(shlex.split(os.environ.get("CHAT", "--history chat.sqlite --socket chat.sock")))

log = LogFile("chat.log", os.curdir, rotateLength=10_000_000, maxRotatedFiles=9)
application = service.Application("chat")
application.setComponent(ILogObserver, jsonFileLogObserver(log))
makeService(options).setServiceParent(application)
