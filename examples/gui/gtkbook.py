"""A guest book in a window of GTK 3's. Start: ``python gtkbook.py [PORT]``"""

# ruff: noqa: E402  # a reactor is installed before it is imported

from ropewalk.internet import gtk3reactor

gtk3reactor.install()

from gi.repository import Gtk
from guestbook import serve

from ropewalk.internet import reactor

window = Gtk.Window(title="Guest book (GTK)")
window.connect("destroy", lambda _: reactor.stop())
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
book = Gtk.ListBox()
close = Gtk.Button(label="Close")
close.connect("clicked", lambda _: window.destroy())
box.add(book)
box.add(close)
window.add(box)
window.show_all()


def write(line):
    book.add(Gtk.Label(label=line))
    book.show_all()
    return len(book.get_children())


serve(write)
reactor.run()
