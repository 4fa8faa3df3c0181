"""Something that says in its log what nobody has put into fields: the numbers are in its attributes."""

from ropewalk.logger import Logger


class AdHoc:
    log = Logger(namespace="ad_hoc")

    def __init__(self, a, b):
        self.a = a
        self.b = b

    def logMessage(self):
        self.log.info("message from {log_source} where a is {log_source.a} and b is {log_source.b}")
