"""Unit files for systemd that run a command line: what was once an init script in a package.

The service gets no more of the system than a server needs: no root, no other file to write than those below its own
state directory, no device, none of the rarer system calls.

Spec: systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.socket(5).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import Any

from .mistakes import Refusal, Status, refused
from .privileges import DAEMON_UMASK

# Options that systemd takes over, or that make no sense under it.
TAKEN_OVER = {
    "chroot",
    "debug",
    "gid",
    "no-daemon",
    "nodaemon",
    "no_daemon",
    "pidfile",
    "rundir",
    "systemd-socket",
    "systemd-unit",
    "systemd_socket",
    "uid",
    "umask",
}
FILES = {"file", "python", "source"}

# What nobody mends by trying again.
HOPELESS = (Status.USAGE, Status.DATA, Status.NOINPUT, Status.NOUSER, Status.CONFIG)

# Seconds. How long a stop may take beyond the draining; how long a service may be silent.
GRACE = 10
WATCHDOG = 60

HARDENING = """\
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
AmbientCapabilities=CAP_NET_BIND_SERVICE
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
"""

UNIT_NAME = re.compile(r"[A-Za-z0-9:_.@-]{1,200}")
SOCKET_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")


def printUnits(config: Any) -> None:
    """Print the units for a command line; or write them, if the name that it gives has a directory.

    Args:
        config: a ``ServerOptions`` of ``twistd`` that has read it.

    Raises:
        Refusal: the name is none, or the files cannot be written.
    """
    directory, name = os.path.split(config["systemd-unit"])
    for number, (filename, text) in enumerate(units(name, config).items()):
        if not directory:
            print("\n" * bool(number) + f"# {filename}: goes to /etc/systemd/system/\n{text}", end="")
            continue
        path = os.path.join(directory, filename)
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as problem:
            raise refused(f"write the unit file {path!r}", problem, Status.CANTCREAT) from None
        print(path)


def units(name: str, config: Any) -> dict[str, str]:
    """Return the units for a command line: file name -> content.

    Raises:
        Refusal: systemd would not take the name, or that of a socket; or the command line listens at descriptors, and
            nothing says where those come from.
    """
    name = name.removesuffix(".service")
    if not UNIT_NAME.fullmatch(name):
        raise Refusal(f"a unit's name is made of letters, digits and :_.@-, not {name!r}", Status.USAGE)
    options, tail = config._split(config.words)
    sockets = dict(_socket(name, text) for text in config["systemd-socket"])
    if not sockets and any("systemd:" in word for word in tail):
        raise Refusal(
            "the command line listens at descriptors that systemd opens (systemd:): "
            "say where they listen, --systemd-socket=NAME=ADDRESS",
            Status.USAGE,
        )
    made = {f"{name}.service": _service(name, config, _command(options, tail), list(sockets))}
    for unit, (descriptor, address) in sockets.items():
        made[unit] = (
            f"[Unit]\nDescription=The socket {descriptor} of {name}\n\n"
            f"[Socket]\nListenStream={address}\nFileDescriptorName={descriptor}\nService={name}.service\n\n"
            "[Install]\nWantedBy=sockets.target\n"
        )
    return made


def _socket(name: str, text: str) -> tuple[str, tuple[str, str]]:
    """The unit's file name; the name of its descriptor, and where it listens."""
    descriptor, equals, address = text.partition("=")
    if not equals:
        descriptor, address = name, text
    if not SOCKET_NAME.fullmatch(descriptor) or not address or not address.isprintable() or address.strip() != address:
        raise Refusal(f"--systemd-socket takes [NAME=]ADDRESS, http=80 say, not {text!r}", Status.USAGE)
    unit = f"{name}.socket" if descriptor == name else f"{name}-{descriptor}.socket"
    return unit, (descriptor, address)


def _service(name: str, config: Any, command: str, sockets: list[str]) -> str:
    lines = ["[Unit]", f"Description={name}, run by twistd"]
    lines += [f"Requires={' '.join(sockets)}"] if sockets else []
    lines += [f"After={' '.join(['network.target', *sockets])}", "", "[Service]", "Type=notify", f"ExecStart={command}"]
    lines += [
        "Restart=on-failure",
        f"RestartPreventExitStatus={' '.join(str(int(status)) for status in HOPELESS)}",
        f"TimeoutStopSec={GRACE + int(config['drain'] or 0)}",
        "KillMode=mixed",
        f"WatchdogSec={WATCHDOG}",
        "",
    ]
    directory = os.path.abspath(config["rundir"])
    lines += [f"WorkingDirectory={_specifiers(directory)}", f"StateDirectory={name.partition('@')[0]}"]
    if config["chroot"] is not None:
        lines.append(f"RootDirectory={_specifiers(os.path.abspath(config['chroot']))}")
    umask = DAEMON_UMASK if config["umask"] is None else config["umask"]
    lines.append(f"UMask={umask:04o}")
    # A user of its own, which exists while it runs, unless there is one.
    lines += ["DynamicUser=yes"] if config["uid"] is None else [f"User={_userNamed(config['uid'])}"]
    lines += [] if config["gid"] is None else [f"Group={_groupNamed(config['gid'])}"]
    # The program's, its arguments', or that of the Python which runs it.
    places = f"{directory} {command} {sys.prefix} {os.path.realpath(sys.executable)}"
    isAtHome = re.search(r"(^|[ =\"])/(home|root)(/|\s)", places)
    lines.append(f"ProtectHome={'read-only' if isAtHome else 'yes'}")
    return "\n".join(lines) + f"\n{HARDENING}\n[Install]\nWantedBy=multi-user.target\n"


def _command(options: Iterable[tuple[str, str | None]], tail: list[str]) -> str:
    """What systemd is to start."""
    program = os.path.abspath(sys.argv[0])
    start = [program] if os.access(program, os.X_OK) else [sys.executable, "-m", "ropewalk.scripts.twistd"]
    words = [*start, "--nodaemon", "--pidfile="]
    for option, value in options:
        if option in TAKEN_OVER:
            continue
        if value is None:
            words.append(f"--{option}")
        else:
            words.append(f"--{option}={os.path.abspath(value) if option in FILES else value}")
    return " ".join(_quoted(word) for word in [*words, *tail])


def _quoted(word: str) -> str:
    """A word of a command, as systemd reads it."""
    text = _specifiers(word).replace("\\", "\\\\").replace("$", "$$")
    if not text or re.search(r"[\s\"';]", text):
        return '"' + text.replace('"', '\\"').replace("\n", "\\n") + '"'
    return text


def _specifiers(text: str) -> str:
    """Text in which systemd is to replace nothing."""
    return text.replace("%", "%%")


def _userNamed(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _groupNamed(gid: int) -> str:
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
