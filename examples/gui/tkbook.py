"""A guest book in a window of Tk's, on any reactor. Start: ``python tkbook.py [PORT]``"""

import tkinter

from guestbook import serve

from ropewalk.internet import reactor, tksupport

root = tkinter.Tk()
root.title("Guest book (Tk)")
book = tkinter.Listbox(root, width=40)
book.pack()
tkinter.Button(root, text="Close", command=reactor.stop).pack()
root.protocol("WM_DELETE_WINDOW", reactor.stop)


def write(line):
    book.insert("end", line)
    return book.size()


tksupport.install(root)
serve(write)
reactor.run()
