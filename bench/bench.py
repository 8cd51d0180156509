#!/usr/bin/env python3
"""Measures Redstart beside redis-server, alternating in one run, and holds the figures to their bars.

Exit status: 0 when everything could be measured, whether the bars hold or not; 1 when something could not."""

import argparse
import datetime
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import picture
import report
from rows import Row
from scenarios import SCENARIOS, Run
from servers import Load, MeasurementError, version

HERE = os.path.dirname(os.path.abspath(__file__))


def parse_arguments():
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="Scenarios: " + ", ".join(names))
    parser.add_argument("--ours", default=".build/release/redstart", help="our program (%(default)s)")
    parser.add_argument("--theirs", default="redis-server", help="the program to compare with (%(default)s)")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="this scenario; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small numbers: checks the tool, measures nothing")
    parser.add_argument("--no-write", action="store_true", help="do not write RESULTS.md and results.svg")
    parser.add_argument("--output", metavar="FOLDER",
                        help="write there; without it a full run writes to bench/, and a partial or quick one nowhere")
    return parser.parse_args()


def program(name):
    path = shutil.which(name)
    if path is None:
        sys.exit(f"bench: {name} is not there")
    return os.path.abspath(path)


def describe_failure(problem):
    return " ".join(str(problem).split()) or type(problem).__name__


def measure(run, scenarios):
    """Runs the scenarios one after the other; one that fails leaves a row that says so, and the rest go on."""
    groups = []
    for scenario in scenarios:
        began = time.monotonic()
        print(f"{scenario.title} ...", end="", flush=True, file=sys.stderr)
        try:
            rows = scenario.measure(run)
        except (MeasurementError, OSError, subprocess.SubprocessError) as problem:
            rows = [Row(scenario.title, "", problem=describe_failure(problem))]
        print(f" {time.monotonic() - began:.0f} s", file=sys.stderr)
        groups.append((scenario.title, rows))
    return groups


def stolen_and_all_ticks():
    """Time that the host took from this machine, and all time: a virtual machine's figures depend on it."""
    ticks = [int(word) for word in report.read("/proc/stat").split("\n", 1)[0].split()[1:]]
    return ticks[7], sum(ticks[:8])


def revision():
    answer = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def write(folder, groups, facts, subtitle):
    contents = {"RESULTS.md": report.markdown(groups, facts), "results.svg": picture.svg(groups, subtitle)}
    for name, content in contents.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(content)
        print(f"wrote {os.path.join(folder, name)}")


def main():
    options = parse_arguments()
    # Ended from outside, the servers end as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Both servers and the 10,000 connections inherit or need all the files the system allows.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    ours, theirs = program(options.ours), program(options.theirs)
    compiler, benchmark = program(os.environ.get("CC", "cc")), program("redis-benchmark")
    # The pages of a program that was just linked count as its private memory until they are on disk.
    os.sync()
    scenarios = [one for one in SCENARIOS if not options.only or one.name in options.only]
    load_before, ticks_before, began = os.getloadavg()[0], stolen_and_all_ticks(), time.monotonic()
    if load_before > 0.5:
        print(f"bench: the machine is busy (load {load_before:.1f}); the figures will be rough", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="redstart-bench-") as folder:
        groups = measure(Run(ours, theirs, Load(folder, compiler, benchmark), options.quick), scenarios)

    stolen, ticks = (after - before for after, before in zip(stolen_and_all_ticks(), ticks_before))
    today = datetime.date.today().isoformat()
    facts = [("date", today), ("ours", f"{version(ours)} ({revision()})"), ("theirs", version(theirs)),
             ("machine", report.machine()),
             ("noise", f"load average {load_before:.1f} before the run, "
                       f"{stolen / max(ticks, 1):.1%} of the time taken by the host during it"),
             ("took", f"{time.monotonic() - began:.0f} s" + (", with --quick: a check of the tool" * options.quick))]
    print("\n" + report.terminal_table(groups) + "\n")
    for name, fact in facts:
        print(f"{name}: {fact}")
    for note in (f"{row.what}: {row.note}" for _, rows in groups for row in rows if row.note):
        print(note)

    whole = not options.quick and not options.only
    if not options.no_write and (options.output or whole):
        write(options.output or HERE, groups, facts, f"{today}, {report.machine()}")
    return 1 if any(row.problem for _, rows in groups for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
