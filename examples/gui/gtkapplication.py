"""A guest book that is a GtkApplication: it ends with its last window. Start: ``python gtkapplication.py [PORT]``"""

# ruff: noqa: E402  # a reactor is installed before it is imported

from ropewalk.internet import gtk3reactor

gtk3reactor.install()

from gi.repository import Gio, Gtk
from guestbook import serve

from ropewalk.internet import reactor

app = Gtk.Application(application_id="org.example.GuestBook", flags=Gio.ApplicationFlags.NON_UNIQUE)


def activate(app):
    window = Gtk.ApplicationWindow(application=app, title="Guest book (GtkApplication)")
    book = Gtk.ListBox()
    window.add(book)
    window.show_all()

    def write(line):
        if line == "close":
            reactor.callLater(0, window.destroy)
        if line == "quit":
            reactor.callLater(0, app.quit)
        book.add(Gtk.Label(label=line))
        book.show_all()
        return len(book.get_children())

    serve(write)


app.connect("activate", activate)
app.connect("shutdown", lambda _: print("the application shuts down"))
reactor.registerGApplication(app)
reactor.run()
print("the application is over")
