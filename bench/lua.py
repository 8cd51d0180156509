"""Lua alone, without a server: our interpreter beside Debian's lua5.1, on five kinds of work."""

import math
import os
import shutil
import subprocess
import tempfile

from rows import Bar, Row
from servers import MeasurementError

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lua")
# How often each does its work: about half a second of lua5.1.
ROUNDS = {"fib": 40, "sort": 40, "strings": 40, "gsub": 500, "closures": 60}


def cpu(interpreter, name, rounds):
    """The CPU time of one script in milliseconds, and what it printed."""
    with open(os.path.join(HERE, name + ".lua")) as file:
        source = file.read()
    with tempfile.NamedTemporaryFile("w", suffix=".lua", prefix="redstart-bench-", delete=False) as file:
        file.write(f"local rounds = {rounds} " + source)
    try:
        process = subprocess.Popen([interpreter, file.name], stdout=subprocess.PIPE)
        output = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        os.unlink(file.name)
    if process.returncode != 0:
        raise MeasurementError(f"{os.path.basename(interpreter)} {name}.lua ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1e3, output


def interpreters(run):
    """Ours lies beside the server's binary: `make release` builds both."""
    ours, theirs = os.path.join(os.path.dirname(run.ours), "lua-script"), shutil.which("lua5.1")
    if not os.path.exists(ours):
        raise MeasurementError(f"{ours} is not there: make release builds it")
    if theirs is None:
        raise MeasurementError("lua5.1 is not there: conformance/install installs it")
    return {"ours": ours, "theirs": theirs}


def speed(run):
    programs = interpreters(run)
    rows, means = [], {"ours": [], "theirs": []}
    times = {name: {"ours": [], "theirs": []} for name in ROUNDS}
    for round_number in range(run.size(6, 2)):
        sums = {"ours": 0.0, "theirs": 0.0}
        for name, rounds in ROUNDS.items():
            outputs = set()
            for who, _ in run.programs(round_number):
                took, output = cpu(programs[who], name, run.size(rounds, 1))
                outputs.add(output)
                times[name][who].append(took)
                sums[who] += math.log(max(took, 0.001))
            if len(outputs) > 1:
                raise MeasurementError(f"{name}.lua says something else on ours than on lua5.1")
        for who, total in sums.items():
            means[who].append(math.exp(total / len(ROUNDS)))
    # The first round is the warm-up.
    for name, figures in times.items():
        rows.append(Row(f"{name}.lua: CPU", "ms", figures["ours"][1:], figures["theirs"][1:]))
    rows.append(Row("geometric mean of the five", "ms", means["ours"][1:], means["theirs"][1:],
                    Bar(ratio_at_most=2.0), "theirs is lua5.1"))
    return rows
