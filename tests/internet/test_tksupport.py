"""Tk's windows, served from a reactor, on a display that nobody sees (RG16); wx's in the same way (RG15)."""

from __future__ import annotations

import subprocess

import pytest

from support import toolkits
from support.toolkits import display as display

START = """
import sys, tkinter
from ropewalk.internet import reactor, tksupport
root = tkinter.Tk()
tksupport.install(root)
"""


def outcome(display: str, program: str, package: str = "tkinter") -> list[str]:
    """Run a program that opens windows, and return what it prints."""
    if not toolkits.has(package):
        pytest.skip(f"{package} is not there; support/toolkits.py says where it is looked for")
    done = subprocess.run(
        [*toolkits.PYTHON, "-c", program],
        env=toolkits.environment(DISPLAY=display),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.splitlines()


def test_served(display: str) -> None:
    """RG16: ``reactor.run`` drives Tk: its callbacks come, and its window is drawn; ``uninstall`` ends that."""
    program = f"""{START}
label = tkinter.Label(root, text="drawn"); label.pack()
root.after(50, lambda: print("Tk's callback", bool(label.winfo_ismapped())))
def end():
    tksupport.uninstall()
    tksupport.uninstall()  # harmless
    root.after(1, print, "too late")
    reactor.callLater(0.1, reactor.stop)
reactor.callLater(0.3, end)
reactor.run()
print(len(reactor.getDelayedCalls()), "calls left")
"""
    assert outcome(display, program) == ["Tk's callback True", "0 calls left"]


@pytest.mark.parametrize("opener", ["root.after(50, open)", "reactor.callLater(0.05, open)"])
def test_dialogs(display: str, opener: str) -> None:
    """While a dialog waits for its user the reactor goes on, whoever opened it."""
    program = f"""{START}
def open():
    dialog = tkinter.Toplevel(root)
    reactor.callLater(0.05, print, "the reactor's call")
    reactor.callLater(0.2, dialog.destroy)
    root.wait_window(dialog)
    print("closed")
    reactor.callLater(0, reactor.stop)
{opener}
reactor.run()
"""
    assert outcome(display, program) == ["the reactor's call", "closed"]


def test_destroyed(display: str) -> None:
    """When the window is destroyed its serving ends by itself, and the reactor goes on."""
    program = f"""{START}
root.after(50, root.destroy)
reactor.callLater(0.2, print, "still there")
reactor.callLater(0.3, reactor.stop)
reactor.run()
print(len(reactor.getDelayedCalls()), "calls left")
"""
    assert outcome(display, program) == ["still there", "0 calls left"]


def test_password(display: str) -> None:
    """``getPassword`` asks in a window, twice to confirm; ``installTkFunctions`` makes it the one that programs ask."""
    program = f"""{START}
from ropewalk.python import util
tksupport.installTkFunctions()
answers = iter(["secret", "secret", "once"])
def type():
    for dialog in root.winfo_children():
        if dialog.winfo_class() == "Toplevel" and hasattr(dialog, "entry"):
            dialog.entry.insert(0, next(answers))
            dialog.ok()
    root.after(100, type)
root.after(100, type)
print(util.getPassword("Say it", confirm=1))
print(tksupport.getPassword("Again"))
"""
    assert outcome(display, program) == ["secret", "once"]


def test_wx(display: str) -> None:
    """RG15: ``wxsupport`` serves wx's windows from whichever reactor runs."""
    program = """
import wx
from ropewalk.internet import reactor, wxsupport
app = wx.App()
frame = wx.Frame(None)
frame.Show()
wx.CallLater(50, print, "wx's timer")
wx.CallAfter(print, "wx's call")
serving = wxsupport.install(app)
reactor.callLater(0.3, reactor.stop)
reactor.addSystemEventTrigger("before", "shutdown", serving.stop)
reactor.run()
print(type(reactor).__name__)
"""
    assert sorted(outcome(display, program, "wx")) == ["EPollReactor", "wx's call", "wx's timer"]


def test_wxReactorWithoutAnApplication(display: str) -> None:
    """A reactor of wx's that was told of no application makes one, and runs until it is stopped."""
    program = """
from ropewalk.internet import wxreactor
wxreactor.install()
from ropewalk.internet import reactor
import wx
reactor.callLater(0.1, lambda: print(wx.GetApp().IsMainLoopRunning()))
reactor.callLater(0.2, reactor.stop)
reactor.addSystemEventTrigger("after", "shutdown", print, "shut down")
reactor.run()
"""
    assert outcome(display, program, "wx") == ["True", "shut down"]
