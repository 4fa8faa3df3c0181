"""Programs run by a coroutine: output, errors and exit code at once, and a limit on how long one may take."""

from ropewalk.internet.task import react
from ropewalk.internet.utils import RunTimedOut, run


async def main(reactor):
    done = await run(["sort"], input=b"three\none\ntwo\n")
    print(done.stdout.decode().split(), done.exitCode)

    failed = await run(["sh", "-c", "echo no such luck >&2; exit 3"])
    print(failed.ok, failed.exitCode, failed.stderr.decode().strip())

    try:
        await run(["sleep", "60"], timeout=0.2)
    except RunTimedOut as problem:
        print(problem)


react(main)
