"""``ropewalk doctor``: look at this machine, and say in sentences what works, what doesn't, and what to do about it."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Literal

from ropewalk import _standin
from ropewalk._printing import whileRead

__all__ = ["Finding", "examine", "report"]

# ``ok``: it works. ``absent``: it could be had, and nothing needs it. ``trouble``: programs will fail.
State = Literal["ok", "absent", "trouble"]

MARKS: dict[State, str] = {"ok": "  ok", "absent": "   -", "trouble": "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: what it belongs to: the heading in the report.
        name: what it is, in a word.
        state: how it is.
        sentence: says that to people.
        remedy: what to type to change it; empty when nothing is to be done.
    """

    topic: str
    name: str
    state: State
    sentence: str
    remedy: str = ""


# The extras of the package -> what one has with it, and what one has without.
EXTRAS = {
    "uvloop": ("the reactor can run on uvloop", "asyncio's own loop serves in its place"),
    "tls": (
        "TLS can be had with OpenSSL's own objects, and certificates are read and made",
        "TLS comes from Python's ssl module alone: no OpenSSL.SSL.Context, no certificates made here",
    ),
    "cred": (
        "users can log in with PAM",
        "users can log in with password files, and as users of this machine without PAM",
    ),
    "serial": ("serial ports can be opened", "serial ports cannot be opened"),
    "reload": ("the system tells --reload which files change", "--reload looks at the files twice a second"),
}

# The documented packages that an issue of their own will bring, and what they are.
LATER = {
    "conch": "SSH and terminals",
    "mail": "SMTP, POP3 and IMAP",
    "names": "DNS",
    "pair": "raw packets",
    "positioning": "positions by satellite",
    "spread": "Perspective Broker",
    "web": "HTTP",
    "words": "IRC and XMPP",
}

# With fewer open files than this a server of some size comes to its limit.
FEW_FILES = 4096
MANY_FILES = 65536

# With a shorter queue of connections to be accepted a burst of them is refused.
SHORT_QUEUE = 1024


def report(asJSON: bool = False) -> int:
    """Print what was found.

    Args:
        asJSON: for programs: one object, its findings as `Finding` has them.

    Returns:
        1 when something is in trouble, otherwise 0.
    """
    findings = list(examine())
    troubles = [finding for finding in findings if finding.state == "trouble"]
    status = int(bool(troubles))
    with whileRead(status):
        if asJSON:
            print(json.dumps({"healthy": not troubles, "findings": [asdict(one) for one in findings]}, indent=2))
        else:
            _print(findings)
            print()
            print(f"Programs will fail for what is marked FAIL above: {len(troubles)}." if troubles else "All is well.")
    return status


def _print(findings: list[Finding]) -> None:
    topic = ""
    for finding in findings:
        if finding.topic != topic:
            topic = finding.topic
            print(f"{topic}")
        print(f"{MARKS[finding.state]}  {finding.sentence}")
        if finding.remedy:
            print(f"        {finding.remedy}")


def examine() -> Iterator[Finding]:
    """Look at everything, in the order of the report."""
    for look in (_versions, _reactors, _features, _system, _standinStatus):
        yield from look()


# Versions.


def _versions() -> Iterator[Finding]:
    topic = "Versions"
    yield Finding(
        topic,
        "ropewalk",
        "ok",
        f"Ropewalk {_standin.ownVersion()} is in {os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}, "
        f"with the API of Twisted {_standin.RELEASE}.",
    )
    yield Finding(
        topic,
        "python",
        "ok",
        f"{platform.python_implementation()} {platform.python_version()} is {sys.executable}, "
        f"on {platform.platform(terse=True)}, {platform.machine()}.",
    )
    try:
        import ssl
    except ImportError:
        yield Finding(
            topic,
            "openssl",
            "trouble",
            "Python was built without OpenSSL: there is no TLS.",
            "install a Python with the ssl module",
        )
    else:
        yield Finding(topic, "openssl", "ok", f"Python's TLS is {ssl.OPENSSL_VERSION}.")
    requirements = _requirements()
    if not requirements:
        yield Finding(
            topic,
            "installation",
            "absent",
            "Ropewalk runs from its source and was not installed, so nothing says what it needs.",
            f"{sys.executable} -m pip install -e .",
        )
    for requirement in requirements.get("", []):
        yield requirement.finding(topic, f"{requirement.name} is needed by everything")


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that has to be installed.

    Attributes:
        name: the distribution.
        least: the version that it needs to have.
        installed: the version that is there; `None` for none.
    """

    name: str
    least: str
    installed: str | None

    @property
    def isMet(self) -> bool:
        """Whether it is there, and new enough."""
        return self.installed is not None and _numbers(self.installed) >= _numbers(self.least)

    def finding(self, topic: str, why: str) -> Finding:
        """Say how it is, when programs fail without it."""
        if self.isMet:
            return Finding(topic, self.name, "ok", f"{self.name} is {self.installed}.")
        there = "is not installed" if self.installed is None else f"{self.installed} is older than {self.least}"
        return Finding(topic, self.name, "trouble", f"{self.name} {there}, and {why}.", installing([self]))


# ``pyopenssl>=24.3; extra == "tls"``: a name, the least version, and conditions.
REQUIREMENT = re.compile(r"\s*([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)\s*(?:;(.*))?")
EXTRA = re.compile(r"""extra == ['"]([^'"]+)['"]""")


def _requirements() -> dict[str, list[Requirement]]:
    """What the package says that it needs: for itself under ``""``, for each extra under its name."""
    found: dict[str, list[Requirement]] = {}
    try:
        lines = metadata.requires("ropewalk") or []
    except metadata.PackageNotFoundError:
        lines = []  # run from its source, uninstalled
    for line in lines:
        parts = REQUIREMENT.match(line)
        if parts is None:
            continue
        name, least, conditions = parts.groups()
        if sys.platform == "win32" and 'sys_platform != "win32"' in (conditions or ""):
            continue
        extra = EXTRA.search(conditions or "")
        found.setdefault(extra[1] if extra else "", []).append(Requirement(name, least, _installed(name)))
    return found


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with: what its order is, as far as we ask."""
    return tuple(int(part) for part in re.match(r"[0-9.]*", version)[0].split(".") if part)  # type: ignore[index]  # matches


def installing(requirements: list[Requirement]) -> str:
    """Return the command that installs something into this environment."""
    wanted = " ".join(f"'{one.name}>={one.least}'" for one in requirements)
    if find_spec("pip") is not None:
        return f"{sys.executable} -m pip install {wanted}"
    return f"uv pip install --python {sys.executable} {wanted}"


# Reactors.


def _reactors() -> Iterator[Finding]:
    topic = "Reactors"
    asked = os.environ.get("ROPEWALK_REACTOR", "").strip()
    try:
        from ropewalk.internet import reactor

        reactor.seconds()  # the first use is the choice
        chosen = type(reactor).__name__
    except Exception as problem:
        # Whatever a foreign loop, or a library that doesn't fit, raises.
        yield Finding(
            topic,
            "chosen",
            "trouble",
            f"A program that chooses none gets none: {problem}.",
            "unset ROPEWALK_REACTOR" if asked else "",
        )
    else:
        why = f"ROPEWALK_REACTOR={asked} asks for it" if asked else f"it is the best on {platform.system()}"
        yield Finding(topic, "chosen", "ok", f"A program that chooses none gets {chosen}: {why}.")

    from ropewalk.application.reactors import getReactorTypes

    for installer in getReactorTypes():
        name, reason = str(installer.shortName), _reasonAgainst(installer)
        if reason:
            yield Finding(topic, name, "absent", f"{name} cannot be had here: {reason}.")
        else:
            yield Finding(topic, name, "ok", f"{name} can be chosen: {installer.description}.")


def _reasonAgainst(installer: object) -> str:
    """Why a reactor cannot be had; nothing when it can, as far as importing its module tells."""
    try:
        import_module(getattr(installer, "moduleName", "sys"))
    except Exception as problem:
        return str(problem).rstrip(".")
    return ""


# Features.


def _features() -> Iterator[Finding]:
    topic = "Optional features"
    requirements = _requirements()
    for extra, (present, absent) in EXTRAS.items():
        needed = requirements.get(extra, [])
        missing = [one for one in needed if not one.isMet]
        if not needed:
            yield Finding(topic, extra, "absent", f"{extra}: this installation does not say what it needs.")
        elif missing:
            names = ", ".join(one.name for one in missing) + (" is" if len(missing) == 1 else " are")
            yield Finding(topic, extra, "absent", f"{extra}: {absent}; {names} missing.", installing(missing))
        else:
            versions = ", ".join(f"{one.name} {one.installed}" for one in needed)
            yield Finding(topic, extra, "ok", f"{extra}: {present} ({versions}).")
    for package, what in LATER.items():
        if find_spec(f"ropewalk.{package}") is None:
            yield Finding(topic, package, "absent", f"{package}: this version has no {what} yet.")
        else:
            yield Finding(topic, package, "ok", f"{package}: {what} is there.")


# The system.


def _system() -> Iterator[Finding]:
    topic = "System"
    yield from _openFiles(topic)
    yield from _queue(topic)
    yield _loopback(topic, "IPv4", "127.0.0.1")
    yield _loopback(topic, "IPv6", "::1")
    for name, isThere, present, absent in ABILITIES:
        if isThere():
            yield Finding(topic, name, "ok", f"{present}.")
        else:
            yield Finding(topic, name, "absent", f"{absent}.")


def _openFiles(topic: str) -> Iterator[Finding]:
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= FEW_FILES:
        yield Finding(topic, "files", "ok", f"A process may have {soft} files and connections open.")
        return
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    yield Finding(
        topic,
        "files",
        "absent",
        f"A process may have {soft} files and connections open, which is few for a server.",
        f"ulimit -n {wanted}" if wanted > soft else "raise the limit as root, in /etc/security/limits.conf",
    )


def _queue(topic: str) -> Iterator[Finding]:
    try:
        with open("/proc/sys/net/core/somaxconn", encoding="ascii") as file:
            length = int(file.read())
    except (OSError, ValueError):
        return
    if length >= SHORT_QUEUE:
        yield Finding(topic, "queue", "ok", f"Up to {length} connections can wait to be accepted.")
    else:
        yield Finding(
            topic,
            "queue",
            "absent",
            f"Only {length} connections can wait to be accepted, which is few for a server.",
            "sysctl -w net.core.somaxconn=4096",
        )


def _loopback(topic: str, name: str, address: str) -> Finding:
    import socket

    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((address, 0))
            probe.listen(1)
    except OSError as problem:
        state: State = "trouble" if name == "IPv4" else "absent"
        return Finding(topic, name, state, f"Nothing can listen at {address}: {problem.strerror or problem}.")
    return Finding(topic, name, "ok", f"Programs can listen at {address}.")


def _hasPidfd() -> bool:
    if not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _hasReusePort() -> bool:
    import socket

    return hasattr(socket, "SO_REUSEPORT")


# What a system may be able to do: its name, whether it can, what to say if it can, and if not.
ABILITIES: tuple[tuple[str, Callable[[], bool], str, str], ...] = (
    (
        "pidfd",
        _hasPidfd,
        "The end of child processes is noticed through pidfds",
        "There are no pidfds: the end of child processes is noticed by SIGCHLD",
    ),
    (
        "reusePort",
        _hasReusePort,
        "Several processes can share a port: twist --workers works",
        "Processes cannot share a port: twist --workers does not work",
    ),
    (
        "memfd",
        lambda: hasattr(os, "memfd_create"),
        "Keys that TLS is given in memory never reach a disk",
        "Keys that TLS is given in memory are written to a file for a moment, which only their owner can read",
    ),
)


# The stand-in.


def _standinStatus() -> Iterator[Finding]:
    from . import _environment

    isIn, text = _environment.status()
    sentence, *details = text.splitlines()
    rest = "".join(f" {line.strip()}" for line in details)
    remedy = "" if isIn else f"{sys.executable} -m ropewalk stand-in --install"
    real = _installed("Twisted")
    if real is not None and not isIn:
        remedy = f"{sys.executable} -m pip uninstall Twisted && {remedy}"
    yield Finding("Stand-in for Twisted", "stand-in", "ok" if isIn else "absent", sentence + rest, remedy)
