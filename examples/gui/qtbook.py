"""A guest book in a window of Qt's. Start: ``python qtbook.py [PORT]``"""

# ruff: noqa: E402  # a reactor is installed before it is imported

import asyncio
import sys

from ropewalk.internet import qtreactor

qtreactor.install()

from guestbook import serve
from PySide6.QtWidgets import QApplication, QListWidget, QPushButton, QVBoxLayout, QWidget

from ropewalk.internet import reactor

app = QApplication(sys.argv[:1])
app.lastWindowClosed.connect(reactor.stop)
window = QWidget()
window.setWindowTitle("Guest book (Qt)")
book = QListWidget()
tick = QPushButton("Count to three")
layout = QVBoxLayout(window)
layout.addWidget(book)
layout.addWidget(tick)
window.show()


async def count():
    for number in range(1, 4):
        await asyncio.sleep(0.05)
        book.addItem(str(number))


# A button may start a task: the toolkit's callbacks are called inside the asyncio loop.
tasks = set()
tick.clicked.connect(lambda: tasks.add(asyncio.create_task(count())))


def write(line):
    if line == "count":
        tick.click()
    book.addItem(line)
    return book.count()


serve(write)
reactor.run()
