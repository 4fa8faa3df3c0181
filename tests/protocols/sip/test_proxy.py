"""Messages pass a proxy there and back, and its registrar knows who is where."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import pytest
from zope.interface import implementer

from ropewalk.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from ropewalk.cred.portal import IRealm, Portal
from ropewalk.internet.defer import Deferred, fail, succeed
from ropewalk.internet.task import Clock
from ropewalk.protocols import sip
from support.recording import logged

CLIENT = ("10.0.0.9", 1234)
HOME = "example.com"


class Datagrams:
    """A transport that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, Any]] = []

    def write(self, data: bytes, address: Any = None) -> None:
        self.sent.append((data, address))


class Names(Clock):
    """A reactor in which a few names have addresses."""

    def resolve(self, name: str) -> Deferred[str]:
        return succeed("10.0.0.5") if name == "joe.example.org" else fail(LookupError(name))


class Place:
    """A locator that knows one user."""

    def getAddress(self, url: sip.URL) -> Deferred[sip.URL]:
        return succeed(sip.parseURL("sip:joe@10.0.0.5:4444")) if url.username == "joe" else fail(LookupError())


def text(
    first: str, *headers: str, via: str | None = "SIP/2.0/UDP 10.0.0.9:1234;branch=z9hG4bKx", body: str = ""
) -> bytes:
    vias = [] if via is None else [f"Via: {via}"]
    return ("\r\n".join([first, *vias, *headers]) + "\r\n\r\n" + body).encode()


WHO = ("From: <sip:bob@client.com>;tag=1", f"To: <sip:joe@{HOME}>", "CSeq: 1 INVITE", "Call-ID: q")
INVITE = f"INVITE sip:joe@{HOME} SIP/2.0"


def proxy(kind: Any = sip.Proxy, **attributes: Any) -> Any:
    made = kind("10.0.0.1", 5060)
    made.transport = Datagrams()
    made.reactor = Names()
    made.locator = Place()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def exchange(made: Any, data: bytes, source: tuple[str, int] = CLIENT) -> list[tuple[Any, Any]]:
    """Give a proxy a datagram; return what it sends, as messages with their addresses."""
    made.transport.sent.clear()
    made.datagramReceived(data, source)
    found: list[tuple[Any, Any]] = []
    for sent, address in made.transport.sent:
        parser = sip.MessagesParser(lambda message, address=address: found.append((message, address)))
        parser.dataReceived(sent)
        parser.dataDone()
    return found


def test_requestIsPassedOn() -> None:
    """A request goes to where its user is, with a Via of ours on top, one hop less, and the user's own URI (§16.6)."""
    [(request, address)] = exchange(proxy(), text(INVITE, *WHO, "Max-Forwards: 5", body="sdp"))
    assert address == ("10.0.0.5", 4444)
    assert request.uri.toString() == "sip:joe@10.0.0.5:4444"
    ours, theirs = map(sip.parseViaHeader, request.headers["via"])
    assert (ours.host, ours.port, theirs.host) == ("10.0.0.1", 5060, "10.0.0.9")
    assert ours.branch is not None
    assert ours.branch.startswith("z9hG4bK")
    assert request.headers["max-forwards"] == ["4"]
    assert request.body == "sdp"


def test_sameBranchForTheSameTransaction() -> None:
    """A copy of a request, its ACK and its CANCEL have its branch, and another request has another (§16.11)."""

    def branch(data: bytes) -> str | None:
        [(request, _)] = exchange(proxy(), data)
        return sip.parseViaHeader(request.headers["via"][0]).branch

    def other(method: str, **kw: Any) -> bytes:
        return text(INVITE, *WHO, **kw).replace(b"INVITE", method.encode())

    for via in ("SIP/2.0/UDP 10.0.0.9:1234;branch=z9hG4bKx", "SIP/2.0/UDP 10.0.0.9:1234"):
        branches = {branch(other(method, via=via)) for method in ("INVITE", "INVITE", "ACK", "CANCEL")}
        assert len(branches) == 1
        assert branch(other("INVITE", via=via.replace("1234", "1235").replace("bKx", "bKy"))) not in branches


@pytest.mark.parametrize(
    ("via", "noted"),
    [
        ("SIP/2.0/UDP 10.0.0.9:1234", "SIP/2.0/UDP 10.0.0.9:1234"),
        ("SIP/2.0/UDP client.com:99", "SIP/2.0/UDP client.com:99;received=10.0.0.9"),
        ("SIP/2.0/UDP client.com:99;rport", "SIP/2.0/UDP client.com:99;received=10.0.0.9;rport=1234"),
        ("SIP/2.0/UDP 10.0.0.9;rport", "SIP/2.0/UDP 10.0.0.9:5060;received=10.0.0.9;rport=1234"),
        ("SIP/2.0/UDP 10.0.0.9;received=10.9.9.9;rport=7", "SIP/2.0/UDP 10.0.0.9:5060"),
    ],
)
def test_sourceIsNoted(via: str, noted: str) -> None:
    """Where a request came from is written into its Via (§18.2.1, RFC 3581 §4)."""
    [(request, _)] = exchange(proxy(), text(INVITE, *WHO, via=via))
    assert request.headers["via"][1] == noted


@pytest.mark.parametrize(
    ("via", "address"),
    [
        ("SIP/2.0/UDP 10.0.0.9:77", ("10.0.0.9", 77)),
        ("SIP/2.0/UDP 10.0.0.9", ("10.0.0.9", 5060)),
        ("SIP/2.0/UDP c.com:77;received=10.0.0.8", ("10.0.0.8", 77)),
        ("SIP/2.0/UDP c.com:77;received=10.0.0.8;rport=88", ("10.0.0.8", 88)),
        ("SIP/2.0/UDP c.com:77;received=10.0.0.8;maddr=10.0.0.7", ("10.0.0.8", 77)),
        ("SIP/2.0/UDP joe.example.org:77", ("10.0.0.5", 77)),
        ("SIP/2.0/UDP [::1]:77", ("::1", 77)),
    ],
)
def test_responseGoesBack(via: str, address: tuple[str, int]) -> None:
    """A response loses our Via, and goes where the next one says (§16.7, §18.2.2); names are looked up."""
    data = text("SIP/2.0 200 OK", f"Via: {via}", "To: x", via="SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKy")
    [(response, to)] = exchange(proxy(), data)
    assert to == address
    assert response.headers["via"] == [via]


def test_viasInOneLine() -> None:
    """Several Vias may stand in one line (§7.3.1)."""
    data = text("SIP/2.0 200 OK", via="SIP/2.0/UDP 10.0.0.1:5060, SIP/2.0/UDP 10.0.0.9:7 , SIP/2.0/UDP x")
    [(response, to)] = exchange(proxy(), data)
    assert (to, response.headers["via"]) == (("10.0.0.9", 7), ["SIP/2.0/UDP 10.0.0.9:7", "SIP/2.0/UDP x"])


def test_ownResponse() -> None:
    """A response that has only our Via is to a request of our own; one for somebody else is dropped."""

    class Asking(sip.Proxy):
        got: Any = None

        def gotResponse(self, message: sip.Response, addr: tuple[str, int]) -> None:
            self.got = message.code

    made = proxy(Asking)
    assert exchange(made, text("SIP/2.0 200 OK", via="SIP/2.0/UDP 10.9.9.9:5060")) == []
    assert made.got is None
    assert exchange(made, text("SIP/2.0 200 OK", via="SIP/2.0/UDP 10.0.0.1:5060")) == []
    assert made.got == 200


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (text(INVITE.replace("joe", "zed"), *WHO), 404),
        (text(INVITE, *WHO, "Max-Forwards: 0"), 483),
        (text(INVITE, *WHO, "Max-Forwards: many"), 400),
    ],
)
def test_refusals(data: bytes, code: int) -> None:
    """What can't be passed on is answered, with a tag that is the same each time (§8.2.6.2); an ACK never is."""
    answers = [exchange(proxy(), data), exchange(proxy(), data)]
    [(response, address)] = answers[0]
    assert (response.code, address) == (code, CLIENT)
    assert ";tag=" in response.headers["to"][0]
    assert response.toString() == answers[1][0][0].toString()
    assert response.headers["cseq"] == ["1 INVITE"]
    assert exchange(proxy(), data.replace(b"INVITE", b"ACK")) == []


def test_handlers() -> None:
    """A method of the program's may take the requests of one kind; what it raises is answered, and says nothing."""

    class Own(sip.Proxy):
        def handle_MESSAGE_request(self, message: sip.Request, addr: tuple[str, int]) -> Any:
            if message.body == "bad":
                raise KeyError("a secret")
            raise sip.SIPError(480)

    made = proxy(Own)
    message = text(INVITE, *WHO).replace(b"INVITE", b"MESSAGE")
    assert exchange(made, message)[0][0].code == 480
    with logged(KeyError):
        [(response, _)] = exchange(made, message + b"bad")
    assert response.code == 500
    assert "secret" not in response.toString()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        text(INVITE, *WHO, via=None),
        text(INVITE, *WHO, via="X"),
        text(INVITE.replace("sip:", "sips:"), *WHO),
        text("SIP/2.0 200 OK", via=None),
    ],
)
def test_nonsenseIsDropped(data: bytes) -> None:
    """A datagram that is no SIP, or says of no way, is dropped without a word, and the next is handled."""
    made = proxy()
    assert exchange(made, data) == []
    assert len(exchange(made, text(INVITE, *WHO))) == 1


def test_oneMessageADatagram() -> None:
    """What follows a message in a datagram is ignored (§18.3)."""
    one = text(INVITE, *WHO, "Content-Length: 0")
    assert len(exchange(proxy(), one + one)) == 1


def test_onlyUDP() -> None:
    """What is reached by something else can't be sent; a name that nobody knows is logged."""
    made = proxy()
    with pytest.raises(RuntimeError, match="only UDP"):
        made.sendMessage(sip.URL("h", transport="TCP"), sip.Response(200))
    with logged(LookupError):
        made.sendMessage(sip.URL("nowhere"), sip.Response(200))


# Registrations.


def registrar(**attributes: Any) -> Any:
    made = proxy(sip.RegisterProxy, **attributes)
    made.registry = made.locator = sip.InMemoryRegistry(HOME)
    made.registry.reactor = made.reactor
    return made


def register(*more: str, contact: str | None = "sip:joe@client.com:1234", to: str = f"joe@{HOME}") -> bytes:
    contacts = [] if contact is None else [f"Contact: {contact}"]
    return text(
        f"REGISTER sip:{to.partition('@')[2]} SIP/2.0",
        f"To: <sip:{to}>",
        "From: x",
        "Call-ID: z",
        "CSeq: 1 REGISTER",
        *contacts,
        *more,
    )


def test_register() -> None:
    """A user who registers is found where the request came from, for an hour (§10)."""
    made = registrar()
    [(response, address)] = exchange(made, register("Expires: 60"))
    assert (response.code, address) == (200, CLIENT)
    assert response.headers["contact"] == ["<sip:joe@10.0.0.9:1234>"]
    assert response.headers["expires"] == ["3600"]
    [(request, address)] = exchange(made, text(INVITE, *WHO), ("10.0.0.3", 5060))
    assert (address, str(request.uri)) == (CLIENT, "sip:joe@10.0.0.9:1234")
    made.reactor.advance(3599)
    [(response, _)] = exchange(made, register(contact=None))
    assert response.headers["expires"] == ["1"]
    made.reactor.advance(1)
    assert exchange(made, text(INVITE, *WHO))[0][0].code == 404
    assert exchange(made, register(contact=None))[0][0].code == 404


def test_contactIsWhereItCameFrom() -> None:
    """Whatever way a user names, requests go to where the registration came from."""
    made = registrar()
    exchange(made, register(contact="<sip:joe@10.9.9.9:9;maddr=10.9.9.8;transport=TCP>"))
    [(_, address)] = exchange(made, text(INVITE, *WHO), ("10.0.0.3", 5060))
    assert address == CLIENT


def test_again() -> None:
    """A user who registers again is remembered for another hour, at the new place."""
    made = registrar()
    exchange(made, register())
    made.reactor.advance(3000)
    exchange(made, register(), ("10.0.0.10", 7))
    made.reactor.advance(3000)
    [(_, address)] = exchange(made, text(INVITE, *WHO))
    assert address == ("10.0.0.10", 7)


@pytest.mark.parametrize(
    "data",
    [
        register("Expires: 0"),
        register("Expires: 0", contact="*"),
        register(contact="<sip:joe@client.com>;expires=0"),
        register(contact="sip:joe@client.com;expires=0"),
    ],
)
def test_unregister(data: bytes) -> None:
    """A user may be forgotten at once (§10.2.2)."""
    made = registrar()
    exchange(made, register())
    assert exchange(made, data)[0][0].code == 200
    assert made.registry.users == {}
    assert made.reactor.getDelayedCalls() == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (register(to="joe@elsewhere.com"), 404),
        (register(to=HOME).replace(b"REGISTER sip:", b"REGISTER sip:" + HOME.encode()), 404),
        (register(contact="nonsense"), 400),
        (register("Expires: 0", contact=None), 400),
        (register().replace(b"To:", b"Too:"), 400),
    ],
)
def test_badRegistrations(data: bytes, code: int) -> None:
    """A registration for another domain, or one that makes no sense, is refused."""
    made = registrar()
    assert exchange(made, data)[0][0].code == code
    assert made.registry.users == {}


def test_tooManyUsers() -> None:
    """A registry remembers so many users and not more; those it knows may come again."""
    made = registrar()
    made.registry.maxUsers = 1
    assert exchange(made, register())[0][0].code == 200
    assert exchange(made, register(to=f"ann@{HOME}"))[0][0].code == 503
    assert exchange(made, register())[0][0].code == 200


@implementer(IRealm)
class Realm:
    """Lets everybody in who is let in."""

    logouts = 0

    def requestAvatar(self, avatarId: Any, mind: Any, *interfaces: Any) -> Any:
        assert interfaces == (sip.IContact,)
        return interfaces[0], object(), self.logout

    def logout(self) -> None:
        self.logouts += 1


def guarded(**authorizers: Any) -> Any:
    checker = InMemoryUsernamePasswordDatabaseDontUse()
    checker.addUser(b"joe", b"secret")
    made = registrar(portal=Portal(Realm(), [checker]))
    made.authorizers = authorizers
    return made


def test_basic() -> None:
    """A password in clear lets its user in, and nobody else."""
    made = guarded(basic=sip.BasicAuthorizer())
    [(response, _)] = exchange(made, register())
    assert (response.code, response.headers["www-authenticate"]) == (401, ['Basic realm="10.0.0.1"'])
    for proof, code in [(b"joe:secret", 200), (b"joe:guess", 401), (b"zed:secret", 401), (b"nonsense", 400)]:
        header = f"Authorization: Basic {b64encode(proof).decode()}"
        assert exchange(made, register(header))[0][0].code == code
    assert exchange(made, register("Authorization: Basic ?"))[0][0].code == 400
    assert exchange(made, register("Authorization: Other x"))[0][0].code == 501
    header = f"Authorization: Basic {b64encode(b'joe:secret').decode()}"
    assert exchange(made, register(header, to=f"ann@{HOME}"))[0][0].code == 403
    assert exchange(made, register(header, to="joe@elsewhere.com"))[0][0].code == 404
    assert made.portal.realm.logouts == 3
    assert list(made.registry.users) == ["joe"]


def test_digest() -> None:
    """A digest of the password lets its user in (§22.4)."""

    def md5(*parts: str) -> str:
        return hashlib.md5(":".join(parts).encode()).hexdigest()

    made = guarded(digest=sip.DigestAuthorizer("10.0.0.1"))
    for password, code in [("secret", 200), ("guess", 401)]:
        [(challenge, _)] = exchange(made, register())
        scheme, _, rest = challenge.headers["www-authenticate"][0].partition(" ")
        told = dict(part.split("=", 1) for part in rest.split(","))
        told = {name: sip.unq(value) for name, value in told.items()}
        assert (scheme, told["realm"], told["algorithm"]) == ("Digest", "10.0.0.1", "md5")
        uri = f"sip:{HOME}"
        answer = md5(md5("joe", "10.0.0.1", password), told["nonce"], "00000001", "cn", "auth", md5("REGISTER", uri))
        header = (
            f'Authorization: Digest username="joe",realm="10.0.0.1",nonce="{told["nonce"]}",uri="{uri}",qop=auth,'
            f'nc=00000001,cnonce="cn",response="{answer}",opaque="{told["opaque"]}",algorithm=md5'
        )
        assert exchange(made, register(header))[0][0].code == code
    assert exchange(made, register("Authorization: Digest nonsense"))[0][0].code == 400
