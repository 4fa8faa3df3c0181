"""A logger as an attribute of a class: each event knows the instance it is about."""

import sys

from ropewalk.logger import Logger, globalLogBeginner, textFileLogObserver


class MyObject:
    log = Logger()

    def __init__(self, value):
        self.value = value

    def doSomething(self, something):
        self.log.info("Object with value {log_source.value!r} doing {something}.", something=something)


globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stdout)], redirectStandardIO=False)
MyObject(7).doSomething("a task")
