"""B38: an AMP server that knows no command yet: twistd -noy basic_server.tac"""

import os

from ropewalk.application.internet import StreamServerEndpointService
from ropewalk.application.service import Application
from ropewalk.internet import reactor
from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.amp import AMP

application = Application("basic AMP server")
endpoint = TCP4ServerEndpoint(reactor, int(os.environ.get("AMP_PORT", "8750")), interface="127.0.0.1")
StreamServerEndpointService(endpoint, Factory.forProtocol(AMP)).setServiceParent(application)
