"""Run a .tac file by hand: what ``twistd -ny FILE`` does, without its options.

python serve.py finger11.tac
"""

import sys

from ropewalk.application import service
from ropewalk.internet import reactor
from ropewalk.python import log

log.startLogging(sys.stdout)

application = service.loadApplication(sys.argv[1], "python")
root = service.IService(application)
root.privilegedStartService()
root.startService()
# The reactor waits for the Deferred that stopService returns.
reactor.addSystemEventTrigger("before", "shutdown", root.stopService)
reactor.run()
