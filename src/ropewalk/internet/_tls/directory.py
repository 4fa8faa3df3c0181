"""A directory of certificates, read again when its files change.

What is looked for, in the directory and in those below it:

- files that end with ``.pem`` and hold a certificate, with those who have signed it after it, and its private key;
- directories that hold ``privkey.pem`` with ``fullchain.pem`` (or ``cert.pem`` and ``chain.pem``): what certbot keeps
under
  ``/etc/letsencrypt/live``.

The default certificate is the one in ``default.pem`` or in the directory ``default``; without one, the first in the
order of the paths.

Files are looked at when a connection begins, and at most once a `PATIENCE`: no timer runs, and nothing has to be told.
Connections that are open keep what they began with. A file that has become unreadable, or a key that does not fit
its certificate (as it is for the moment in which one of the two has been renewed), is logged, and what was read from it
before is shown on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ropewalk.logger import Logger

from ..error import VerifyError
from ._wire import pem
from .certificates import PrivateCertificate
from .options import CertificateOptions
from .shelf import Shelf, optionsOf

if TYPE_CHECKING:
    from ropewalk.python.filepath import FilePath

__all__ = ["CertificateDirectory", "autoReloadingDirectoryOfPEMs"]

_log = Logger("ropewalk.internet.ssl")

# Seconds in which files are not looked at again.
PATIENCE = 1.0
# How far below the directory certificates are looked for.
DEEPEST = 3
# The largest file that is read: a chain with its key has some thousand bytes.
LONGEST = 2**20

DEFAULT = "default"
KEY = "privkey.pem"
# What certbot calls the parts of a chain: all in one, or the certificate and those who have signed it.
CHAINS = (("fullchain.pem",), ("cert.pem", "chain.pem"), ("cert.pem",))

# What tells a file from what it was: inode, size, time of its last change in nanoseconds.
Stamp = tuple[tuple[int, int, int], ...]


class CertificateDirectory:
    """Finds the certificate for a host's name among those in a directory; see this module.

    Called with a name in its ASCII form, or with `None` for the default, it returns an ``OpenSSL.SSL.Context``, or
    `None` if it has no certificate for that name: it is what ``contextForServerName`` wants.

    Args:
        path: the directory.
        now: a clock, in seconds.

    Raises:
        OSError: the directory can't be read.
        ValueError: there is no certificate with its key in it.
    """

    def __init__(self, path: FilePath[str], now: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._now = now
        self._looked = now()
        # What was found: the files of each certificate, what they looked like, and the certificate, if it was any good.
        self._stamps: dict[tuple[str, ...], Stamp] = {}
        self._read: dict[tuple[str, ...], tuple[PrivateCertificate, CertificateOptions]] = {}
        self._shelf = Shelf(())
        # Directories that have been complained of.
        self._unreadable: set[str] = set()
        path.listdir()  # which says so if there is no such directory
        self._look()
        if not self._read:
            raise ValueError(
                f"{path.path!r} holds no certificate with its private key: it wants a PEM file with both, "
                "or a directory with fullchain.pem and privkey.pem, as certbot's 'live' has them"
            )

    def __call__(self, name: bytes | None) -> Any:
        options = self._optionsFor(name)
        return None if options is None else options.getContext()

    def _optionsFor(self, name: bytes | None) -> CertificateOptions | None:
        """Find the options that show the certificate for a name; the default ones for `None`."""
        now = self._now()
        if now - self._looked >= PATIENCE:
            self._looked = now
            self._look()
        return self._shelf.find(name)

    def _look(self) -> None:
        """See what has changed, and read that."""
        stamps = dict(self._find())
        before, self._stamps = self._stamps, stamps
        if stamps == before:
            return
        for files, stamp in stamps.items():
            if before.get(files) != stamp:
                self._take(files, isAgain=files in before)
        gone = self._read.keys() - stamps.keys()
        if gone == self._read.keys() and gone:
            _log.warn(
                "{path} holds no certificate any more; the ones that were there are shown on", path=self._path.path
            )
        else:
            for files in gone:
                del self._read[files]
        self._shelf = Shelf(self._read[files] for files in sorted(self._read, key=self._rank))

    def _take(self, files: tuple[str, ...], isAgain: bool) -> None:
        """Read a certificate with its key; keep what was read before if that fails."""
        known = files in self._read
        try:
            text = pem.join(map(_content, files))
            if not known and pem.certificates(text) and pem.key(text) is None:
                return  # somebody's chain, or an authority to trust: nothing to show
            certificate = PrivateCertificate.loadPEM(text)
            self._read[files] = certificate, optionsOf(certificate)
        except (OSError, ValueError, VerifyError) as problem:
            _log.error(
                "no certificate could be read from {files}: {problem}{rest}",
                files=", ".join(files),
                problem=problem,
                rest=": the one that was there is shown on" if known else "",
            )
        else:
            if isAgain:
                _log.info(
                    "read {files} again: a certificate for {names}",
                    files=", ".join(files),
                    names=", ".join(certificate._said.names),
                )

    def _rank(self, files: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
        """Say how early these stand: the default ones before all others, the others by their paths."""
        child = files[0][len(self._path.path) :].strip("/\\")
        return child.split("/")[0].removesuffix(".pem") != DEFAULT, files

    def _find(self) -> Iterator[tuple[tuple[str, ...], Stamp]]:
        """Find what might be certificates with their keys: the files of each, and what they look like."""
        level = [self._path]
        for _ in range(DEEPEST + 1):
            below: list[FilePath[str]] = []
            for directory in level:
                try:
                    children = {child.basename(): child for child in directory.children()}
                except OSError as problem:
                    if directory.path not in self._unreadable:
                        self._unreadable.add(directory.path)
                        _log.error("{path} can't be read: {problem}", path=directory.path, problem=problem)
                    continue
                self._unreadable.discard(directory.path)
                yield from _together(directory, children)
                below += [child for child in children.values() if child.isdir()]
            level = below


def _together(directory: FilePath[str], children: dict[str, FilePath[str]]) -> Iterator[tuple[tuple[str, ...], Stamp]]:
    """Find what belongs together in one directory."""
    if KEY in children:
        for chain in CHAINS:
            if all(name in children for name in chain):
                yield from _stamped(*(children[name] for name in (*chain, KEY)))
                return
    for name, child in children.items():
        if name.endswith(".pem") and child.isfile():
            yield from _stamped(child)


def _stamped(*files: FilePath[str]) -> Iterator[tuple[tuple[str, ...], Stamp]]:
    try:
        looks = [os.stat(file.path) for file in files]
    except OSError:
        return  # gone between the two looks, or a link to nowhere
    yield (
        tuple(file.path for file in files),
        tuple((look.st_ino, look.st_size, look.st_mtime_ns) for look in looks),
    )


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise ValueError(f"{path!r} is longer than {LONGEST} bytes")
    return content


def autoReloadingDirectoryOfPEMs(path: FilePath[str]) -> CertificateDirectory:
    """Find certificates in a directory by the names of hosts, and read them again when they change.

    Args:
        path: the directory: PEM files with certificate and key, or certbot's ``live``.

    Returns:
        What `SNIConnectionCreator` and ``CertificateOptions(contextForServerName=...)`` take.

    Raises:
        OSError: the directory can't be read.
        ValueError: there is no certificate with its key in it.
    """
    return CertificateDirectory(path)
