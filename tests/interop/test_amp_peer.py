"""AMP against Twisted's, each as the client of the other; and both in one way that they are seen to be alike."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / ".peers" / "twisted" / "bin" / "python"

pytestmark = pytest.mark.skipif(
    not PEER.exists(), reason="Twisted is not in .peers/twisted: benchmarks/run.py puts it there"
)

# The same programs for both, by the name of the package.
COMMON = '''
import datetime, decimal, json, os, sys
package = sys.argv[1]
def load(name):
    module = __import__(package + "." + name)
    for part in name.split("."):
        module = getattr(module, part)
    return module
amp, endpoints, protocol, defer = map(load, "protocols.amp internet.endpoints internet.protocol internet.defer".split())
task, failure, filepath = map(load, "internet.task python.failure python.filepath".split())
from importlib import import_module
reactor = import_module(package + ".internet.reactor")

class Refused(Exception): pass
class Broken(Exception): pass

class Everything(amp.Command):
    arguments = response = [
        (b"integer", amp.Integer()), (b"string", amp.String()), (b"text", amp.Unicode()), (b"yes", amp.Boolean()),
        (b"float", amp.Float()), (b"decimal", amp.Decimal()), (b"time", amp.DateTime()), (b"path", amp.Path()),
        (b"list", amp.ListOf(amp.ListOf(amp.Integer()))), (b"with-dash", amp.Integer(optional=True)),
        (b"class", amp.AmpList([(b"x", amp.Integer()), (b"y", amp.Unicode(optional=True))])),
        (b"left-out", amp.Integer(optional=True)),
    ]
class Fail(amp.Command):
    arguments = [(b"how", amp.Unicode())]
    errors = {Refused: b"REFUSED"}
    fatalErrors = {Broken: b"BROKEN"}
class Note(amp.Command):
    arguments = [(b"text", amp.Unicode())]
    requiresAnswer = False
class Notes(amp.Command):
    response = [(b"notes", amp.ListOf(amp.Unicode()))]
class Back(amp.Command):
    """Asks the caller something before it is answered."""
    response = [(b"notes", amp.ListOf(amp.Unicode()))]
class Read(amp.Command):
    arguments = [(b"descriptor", amp.Descriptor())]
    response = [(b"data", amp.String())]
class Switch(amp.ProtocolSwitchCommand):
    pass

class Upper(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data.upper())

class Side(amp.AMP):
    def __init__(self):
        super().__init__()
        self.notes = []
    @Everything.responder
    def everything(self, **kw):
        return kw
    @Fail.responder
    def fail(self, how):
        if how == "later":
            later = defer.Deferred()
            reactor.callLater(0, later.errback, Refused("later"))
            return later
        raise {"listed": Refused("a sentence \\u2192"), "fatal": Broken("the end")}.get(how) or KeyError("secret")
    @Note.responder
    def note(self, text):
        self.notes.append(text)
        return {}
    @Notes.responder
    def tell(self):
        return {"notes": self.notes}
    @Back.responder
    def back(self):
        return self.callRemote(Notes)
    @Read.responder
    def read(self, descriptor):
        data = os.read(descriptor, 100)
        os.close(descriptor)
        return {"data": data}
    @Switch.responder
    def switch(self):
        return Upper()
'''

SERVER = (
    COMMON
    + """
factory = protocol.Factory.forProtocol(Side)
factory.noisy = False
def ready(port):
    where = port.getHost()
    print("unix:" + sys.argv[2][5:] if sys.argv[2].startswith("unix") else "tcp:127.0.0.1:%d" % where.port, flush=True)
endpoints.serverFromString(reactor, sys.argv[2]).listen(factory).addCallback(ready)
reactor.run()
"""
)

CLIENT = (
    COMMON
    + """
told = {}
class Reader(protocol.Protocol):
    def connectionMade(self):
        self.got = defer.Deferred()
        self.transport.write(b"hello")
    def dataReceived(self, data):
        self.got.callback(data)
class Switching(protocol.ClientFactory):
    def buildProtocol(self, addr):
        self.made = Reader()
        return self.made

def connect():
    return endpoints.connectProtocol(endpoints.clientFromString(reactor, sys.argv[2]), Side())

async def main(_):
    side = await connect()
    sent = dict(
        integer=-(10**40), string=bytes(range(256)), text="\\u1234", yes=False,
        float=0.1, decimal=decimal.Decimal("1.50"),
        time=datetime.datetime(2012, 1, 23, 12, 34, 56, 54321, datetime.timezone(-datetime.timedelta(minutes=83))),
        path=filepath.FilePath("/tmp/x"), list=[[1, 2], [], [3]], with_dash=5,
        Class=[{"x": 1, "y": None}, {"x": 2, "y": "z"}],
    )
    told["everything"] = (await side.callRemote(Everything, **sent)) == {**sent, "left_out": None}
    for how in ("listed", "later", "unlisted", "fatal"):
        try:
            await side.callRemote(Fail, how=how)
        except Exception as error:
            told[how] = [type(error).__name__, str(error)]
        if how in ("unlisted", "fatal"):
            side = await connect()
    try:
        await side.callRemoteString(b"Nobody")
    except amp.UnhandledCommand as error:
        told["nobody"] = error.args[0].decode()
    for text in ("one", "two"):
        side.callRemote(Note, text=text)
        side.notes.append("mine")
    told["notes"] = (await side.callRemote(Notes))["notes"]
    told["back"] = (await side.callRemote(Back))["notes"]
    many = [side.callRemote(Everything, **sent) for _ in range(200)]
    told["many"] = [(await each)["string"] == sent["string"] for each in many].count(True)
    if sys.argv[2].startswith("unix"):
        ours, theirs = os.pipe()
        os.write(theirs, b"by pipe")
        told["special"] = [(await side.callRemote(Read, descriptor=ours))["data"].decode()]
    else:
        secure = await connect()
        await secure.callRemote(amp.StartTLS)
        told["special"] = [(await secure.callRemote(Notes))["notes"], secure.peerCertificate is not None]
        secure.transport.loseConnection()
    factory = Switching()
    await side.callRemote(Switch, factory)
    told["switched"] = (await factory.made.got).decode()
    side.transport.loseConnection()
    print(json.dumps(told))

task.react(lambda *a: defer.Deferred.fromCoroutine(main(*a)))
"""
)

EXPECTED = {
    "everything": True,
    "listed": ["Refused", "a sentence \u2192"],
    "later": ["Refused", "later"],
    "unlisted": ["UnknownRemoteError", "Code<UNKNOWN>: Unknown Error"],
    "fatal": ["Broken", "the end"],
    "nobody": "UNHANDLED",
    "notes": ["one", "two"],
    "back": ["mine", "mine"],
    "many": 200,
    "switched": "HELLO",
}

INTERPRETERS = {"ropewalk": sys.executable, "twisted": str(PEER)}


@contextmanager
def serving(package: str, where: str) -> Iterator[str]:
    """Run the server with one of the packages; give where it listens, as its client is told."""
    command = [INTERPRETERS[package], "-c", SERVER, package, where]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


@pytest.mark.parametrize("network", ["tcp", "unix"])
@pytest.mark.parametrize(
    ("server", "client"), [("twisted", "ropewalk"), ("ropewalk", "twisted"), ("ropewalk", "ropewalk")]
)
def test_talk(server: str, client: str, network: str, tmp_path: Path) -> None:
    """Every type, every way to fail, calls in both directions, a change of protocol; TLS, or descriptors."""
    where = "tcp:0:interface=127.0.0.1" if network == "tcp" else f"unix:{tmp_path / 'amp'}"
    with serving(server, where) as there:
        command = [INTERPRETERS[client], "-c", CLIENT, client, there]
        done: Any = subprocess.run(command, capture_output=True, text=True, timeout=40)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {**EXPECTED, "special": [[], True] if network == "tcp" else ["by pipe"]}
