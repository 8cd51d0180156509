"""What every session in Python shares: a server to talk to, named checks, and a client that knows nothing but bytes.

A session is a file in sessions/. Its checks are functions marked with @check, run in the order in which they are
written, each on an emptied server. One line a check goes to stdout ("ok", "not ok" or "skip", then its name), so that
sessions in other languages can print the same and be counted alike.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

CHECKS = []


def check(name, since=None):
    """Marks a function of (server) as a check; `since` skips it on a server whose redis_version is lower."""
    def mark(function):
        CHECKS.append((name, since, function))
        return function
    return mark


def equal(got, wanted, what="value"):
    """Fails with both values, cut to a readable length, when they differ."""
    if got != wanted:
        raise AssertionError(f"{what}: got {shorten(got)}, wanted {shorten(wanted)}")


def contains(text, *wanted):
    """Fails unless every wanted piece occurs in the text, in this order."""
    position = 0
    for piece in wanted:
        found = text.find(piece, position)
        if found < 0:
            raise AssertionError(f"{shorten(piece)} is missing, or out of order, in {shorten(text, 2000)}")
        position = found + len(piece)


def raises(error, function, *arguments, text=None, **options):
    """Calls the function and fails unless it raises exactly this class, with this text in its message."""
    try:
        result = function(*arguments, **options)
    except Exception as raised:
        if type(raised) is not error:
            raise AssertionError(f"raised {type(raised).__name__}: {raised}, wanted {error.__name__}") from raised
        if text is not None and text not in str(raised):
            raise AssertionError(f"raised {raised!s}, wanted {text!r} in it") from raised
        return raised
    raise AssertionError(f"got {shorten(result)}, wanted {error.__name__}")


def eventually(condition, what, seconds=5.0):
    """Waits until the condition holds; fails naming what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.01)


def shorten(value, limit=300):
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class WireError(Exception):
    """An error reply, as it came."""


class Wire:
    """One connection, bytes in and bytes out; reads RESP2 and RESP3 so that a session can look behind a client."""

    def __init__(self, port=None, path=None, timeout=10.0):
        if path is not None:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(path)
        else:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def call(self, *words):
        self.send(encode(*words))
        return self.read()

    def line(self):
        line = self.input.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        return line[:-2]

    def read(self):
        """The next reply: str for status lines, bytes, int, float, bool, None, list, dict, or WireError as a value."""
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return WireError(rest.decode())
        if kind in b":(":
            return int(rest)
        if kind in b"$=!":
            return None if rest == b"-1" else self.bulk(kind, int(rest))
        if kind in b"*~>":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        if kind == b"%":
            return {self.read(): self.read() for _ in range(int(rest))}
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == b"t"
        if kind == b",":
            return float(rest)
        raise AssertionError(f"no reply starts like this: {line!r}")

    def bulk(self, kind, length):
        data = self.input.read(length + 2)
        if len(data) != length + 2 or data[-2:] != b"\r\n":
            raise ConnectionError("the server closed the connection inside a bulk string")
        return WireError(data[:-2].decode()) if kind == b"!" else data[4 if kind == b"=" else 0:-2]

    def closed(self, seconds=5.0):
        """Whether the server closes the connection within this time; replies before the end are read and dropped."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def close(self):
        self.input.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def encode(*words):
    """The words as one command on the wire."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        word = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
    return b"".join(parts)


class Server:
    """A server process on a free port and a Unix socket, with its log in a file; ends with the `with` block."""

    def __init__(self, path, *options):
        self.path = path
        self.directory = tempfile.TemporaryDirectory(prefix="clients-", dir="/tmp")
        self.port = free_port()
        self.socket = os.path.join(self.directory.name, "socket")
        self.log = os.path.join(self.directory.name, "log")
        self.options = options

    def __enter__(self):
        # A dump must never be found or left: nothing of one run may reach the next.
        words = [self.path, "--port", str(self.port), "--save", "", "--unixsocket", self.socket,
                 "--dir", self.directory.name, *self.options]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait_until_ready()
        return self

    def wait_until_ready(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.output()}")
            try:
                with Wire(self.port, timeout=5) as wire:
                    if wire.call("PING") is not None:
                        return
            except OSError:
                time.sleep(0.005)
        raise RuntimeError(f"no reply on port {self.port}:\n{self.output()}")

    def output(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def wire(self, **options):
        return Wire(self.port, **options)

    def call(self, *words):
        """One command on a connection of its own; an error reply is raised."""
        with self.wire() as wire:
            reply = wire.call(*words)
        if isinstance(reply, WireError):
            raise reply
        return reply

    def info(self, section):
        """A section of INFO as a dictionary of strings."""
        lines = self.call("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))

    def version(self):
        numbers = self.info("server")["redis_version"].split(".")
        return tuple(int(number) for number in numbers[:3])

    def memory(self):
        """Resident bytes of the process, as the kernel counts them."""
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def processor_seconds(self):
        """User and system time that the process has used."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, signal_number=signal.SIGTERM, seconds=10):
        """Sends the signal and returns the exit status; kills what does not end in time."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def __exit__(self, *_):
        self.stop()
        self.directory.cleanup()


APPLICATIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "applications")


class Workers:
    """Processes of an application, ended with the `with` block; what they wrote is shown when something failed."""

    def __init__(self, server):
        self.server = server
        self.directory = tempfile.TemporaryDirectory(prefix="workers-", dir="/tmp")
        self.processes = []

    def start(self, *words):
        """Starts Python with these words where the applications are, as the head of a process group of its own."""
        environment = dict(os.environ, REDIS_PORT=str(self.server.port), PYTHONPATH=APPLICATIONS,
                           PYTHONWARNINGS="ignore", PYTHONDONTWRITEBYTECODE="1")
        with open(os.path.join(self.directory.name, str(len(self.processes))), "wb") as log:
            self.processes.append(subprocess.Popen(
                [sys.executable, *words], cwd=APPLICATIONS, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True))
        return self.processes[-1]

    def ready(self, process, text, seconds=20):
        """Waits until the process has written this; fails at once when it has ended."""
        eventually(lambda: text in self.log(process) or process.poll() is not None, f"{text!r} from a worker", seconds)
        equal(process.poll(), None, "the worker's end")

    def kill(self, process):
        """SIGKILL for the process and all that it started."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def log(self, process):
        with open(os.path.join(self.directory.name, str(self.processes.index(process))), errors="replace") as log:
            return log.read()

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        for process in self.processes:
            self.kill(process)
            if error:
                print("".join(f"    | {line}\n" for line in self.log(process).splitlines()[-8:]), end="")
        self.directory.cleanup()


def run_check(server, name, since, function, version):
    """Runs one check, prints its line, and says whether it did not fail."""
    if since is not None and version < tuple(int(number) for number in since.split(".")):
        print(f"skip {name} # needs {since}", flush=True)
        return True
    try:
        server.call("FLUSHALL")
        start = time.monotonic()
        function(server)
    except Exception:
        print(f"not ok {name}", flush=True)
        print("".join(f"    {line}\n" for line in traceback.format_exc().splitlines()[-12:]), end="", flush=True)
        return False
    seconds = time.monotonic() - start
    print(f"ok {name}" + (f" # {seconds:.1f} s" if seconds > 1 else ""), flush=True)
    return True


def main(*options):
    """The body of a session's file: its checks against --server, those whose name contains --only."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default="redis-server", help="the server's binary")
    parser.add_argument("--only", default="", help="only checks whose name contains this")
    arguments = parser.parse_args()
    chosen = [entry for entry in CHECKS if arguments.only in entry[0]]
    failed = 0
    with Server(arguments.server, *options) as server:
        version = server.version()
        for name, since, function in chosen:
            failed += not run_check(server, name, since, function, version)
        status = server.stop()
        if status != 0:
            failed += 1
            print(f"not ok the server ends well after this session\n    exit status {status}")
            print(server.output()[-2000:])
        else:
            print("ok the server ends well after this session")
    sys.exit(1 if failed else 0)
