"""P77: only the exit code matters."""

from ropewalk.internet import reactor, utils


def report(code, program):
    print(f"{program} exits with rc={code}", flush=True)


def check(program):
    return utils.getProcessValue(program).addCallback(report, program)


check("/bin/true").addCallback(lambda _: check("/bin/false")).addCallback(lambda _: reactor.stop())
reactor.run()
