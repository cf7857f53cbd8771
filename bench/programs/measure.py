"""Runs a command and tells what it took, in a last line on stderr: measured {"wall", "cpu", "peakRss", "exitCode"}.

Seconds, and bytes; those of the command's own children are in them. The clock starts after Python has."""

import json
import os
import signal
import sys
import time

# Node would read these certificates at each start, and nobody here needs them.
os.environ.pop("NODE_EXTRA_CA_CERTS", None)
started = time.monotonic()
child = os.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - started
measured = {
    "wall": wall,
    "cpu": usage.ru_utime + usage.ru_stime,
    "peakRss": usage.ru_maxrss * 1024,
    "exitCode": os.waitstatus_to_exitcode(status),
}
sys.stderr.write(f"\nmeasured {json.dumps(measured)}\n")
