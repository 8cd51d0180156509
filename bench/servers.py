"""Servers to be measured: starting and stopping them, and reading what the kernel knows of them."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

# Below the range that the kernel takes client ports from: a client that knocks until the server listens could
# otherwise be given that very port and be connected to itself.
FIRST_PORT, LAST_PORT = 21000, 29999


class MeasurementError(Exception):
    """Something could not be measured; the message says what."""


def free_port():
    """A port that nobody listens on. A random start keeps two runs beside each other apart."""
    span = LAST_PORT - FIRST_PORT
    start = int.from_bytes(os.urandom(2), "big") % span
    for step in range(span):
        port = FIRST_PORT + (start + step) % span
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise MeasurementError("no free port")


@dataclass
class CPUTime:
    """Seconds of CPU that a process used, and the part of them outside the kernel."""

    total: float
    user: float

    def __sub__(self, earlier):
        return CPUTime(self.total - earlier.total, self.user - earlier.user)


class Server:
    """One running server. Its working folder is empty and temporary, so no dump file is read or written."""

    def __init__(self, program, *settings):
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="redstart-bench-")
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, *command_line(self.port), *settings], cwd=self.folder, stdout=log, stderr=log)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if self.ask("PING") == "+PONG":
                    return
            except OSError:
                time.sleep(0.005)
        with open(self.log, errors="replace") as log:
            last_words = log.read()[-500:].strip()
        self.stop()
        raise MeasurementError(f"the server did not start: {last_words}")

    def stop(self):
        """Ends the server, at once: nothing it holds is wanted any more."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep_to(self, cpu):
        """Keeps the thread that serves clients on one CPU; those in the background may use any."""
        os.sched_setaffinity(self.process.pid, {cpu})

    def ask(self, line):
        """Sends one inline command on a connection of its own; answers the first line of the reply."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(line.encode() + b"\r\n")
            return connection.makefile("rb").readline().decode(errors="replace").strip()

    def cpu_time(self):
        """CPU used so far by all threads: utime and utime + stime of /proc/PID/stat, but in nanoseconds where that
        file has ticks of 10 ms. The process's CPU clocks have that; Linux numbers them by PID and kind (1 is user
        time, 2 what the scheduler counted)."""
        clock = ~self.process.pid << 3
        return CPUTime(total=time.clock_gettime(clock | 2), user=time.clock_gettime(clock | 1))

    def memory(self):
        """The fields of /proc/PID/smaps_rollup, in bytes. (RSS in /proc/PID/status is only approximate.)"""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as rollup:
            return {name: int(kilobytes) * 1024 for name, kilobytes in re.findall(r"(\w+):\s+(\d+) kB", rollup.read())}


def command_line(port):
    """The arguments that every measured server gets: no snapshots, or saving would be measured as well."""
    return ["--port", str(port), "--save", ""]


def version(program):
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
    return (answer.stdout or answer.stderr).strip().split(" sha=")[0]


class Load:
    """The load generators: redis-benchmark, and our own `load`, compiled on first use."""

    def __init__(self, folder, compiler, benchmark):
        self.program = os.path.join(folder, "load")
        self.benchmark_program = benchmark
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "load.c")
        subprocess.run([compiler, "-O2", "-std=gnu11", source, "-o", self.program], check=True)

    def run(self, mode, port, *words):
        """Runs `load`; answers the numbers it printed, by name."""
        result = subprocess.run(
            [self.program, mode, str(port), *map(str, words)], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise MeasurementError(f"load {mode}: {result.stderr.strip() or result.returncode}")
        return {name: float(number) for name, number in (line.split() for line in result.stdout.splitlines())}

    def run_beside(self, server, mode, *words):
        """Runs `load` on the very CPU of the server: to wake a program on another one takes up to a tick of the kernel
        (4 ms) now and then in a virtual machine, whoever is woken."""
        everywhere = os.sched_getaffinity(0)
        server.keep_to(max(everywhere))
        os.sched_setaffinity(0, {max(everywhere)})
        try:
            return self.run(mode, server.port, *words)
        finally:
            os.sched_setaffinity(0, everywhere)

    def benchmark(self, server, arguments, requests, pipeline):
        """Runs redis-benchmark as the bars name it; answers the requests per second that it counted."""
        command = [self.benchmark_program, "-p", str(server.port), "-n", str(requests), "-P", str(pipeline),
                   "-r", "1000000", "-d", "64", "-c", "50", "--csv", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        # A run of less than a millisecond has the rate "inf".
        rates = re.findall(r'^"[^"]+","([\d.]+|inf)"', result.stdout, re.MULTILINE)
        if result.returncode != 0 or not rates or "ERR" in result.stderr:
            raise MeasurementError(f"redis-benchmark: {(result.stderr or result.stdout).strip()[-300:]}")
        return float(rates[-1])
