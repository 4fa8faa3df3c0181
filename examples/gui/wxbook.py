"""A guest book in a window of wx's. Start: ``python wxbook.py [PORT]``"""

# ruff: noqa: E402  # a reactor is installed before it is imported

from ropewalk.internet import wxreactor

wxreactor.install()

import wx
from guestbook import serve

from ropewalk.internet import reactor

app = wx.App()
frame = wx.Frame(None, title="Guest book (wx)")
book = wx.ListBox(frame)
frame.Show()


def write(line):
    if line == "close":
        reactor.callLater(0, frame.Close)
    book.Append(line)
    return book.GetCount()


reactor.registerWxApp(app)
serve(write)
reactor.run()
print("the last window is closed")
