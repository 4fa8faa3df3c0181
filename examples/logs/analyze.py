"""Calculate with what `ad_hoc` logs, from the live event or from a saved one."""

from ropewalk.logger import extractField

FORMAT = "message from {log_source} where a is {log_source.a} and b is {log_source.b}"


def analyze(event):
    if event.get("log_format") == FORMAT:
        a = extractField("log_source.a", event)
        b = extractField("log_source.b", event)
        print(f"A + B = {a + b!r}")
