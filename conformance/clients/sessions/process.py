"""The server as a process: its log as tools read it, signals, a port in use, and every way to hand it settings."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Server, Wire, check, contains, equal, eventually, free_port, main  # noqa: E402

# What differs between the versions in the texts that tools look for.
SINCE_7_2 = {
    False: {"ready": "Ready to accept connections", "unix": "The server is now ready to accept connections at",
            "listening": "(TCP)"},
    True: {"ready": "Ready to accept connections tcp", "unix": "Ready to accept connections unix",
           "listening": "(tcp)"},
}


def texts(server):
    return SINCE_7_2[server.version() >= (7, 2, 0)]


def ends(server, *words, stdin="", seconds=10):
    """Runs the binary until it ends; returns its status, output and error output."""
    done = subprocess.run([server.path, *words], input=stdin, capture_output=True, text=True, timeout=seconds,
                          cwd=server.directory.name)
    return done.returncode, done.stdout, done.stderr


class Process:
    """The binary with exactly these words, in the session's directory; ends with the `with` block."""

    def __init__(self, server, *words, stdin="", port=None, password=None):
        self.words = [server.path, *words]
        self.directory = server.directory.name
        self.stdin, self.port, self.password = stdin, port, password

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, cwd=self.directory)
        self.process.stdin.write(self.stdin)
        self.process.stdin.close()
        self.process.stdin = None
        if self.port is not None:
            eventually(self.listens, f"{' '.join(self.words)} to listen", 10)
        return self

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"ended with {self.process.returncode}: {self.process.stdout.read()[-1500:]}")
        try:
            Wire(self.port).close()
            return True
        except OSError:
            return False

    def config(self, *names):
        """The settings in force, asked over the wire."""
        with Wire(self.port) as wire:
            if self.password is not None:
                equal(wire.call("AUTH", self.password), "OK")
            values = [wire.call("CONFIG", "GET", name) for name in names]
        return [value[1].decode() for value in values]

    def finish(self, signal_number=signal.SIGTERM):
        """Ends the process; returns its status and all that it printed."""
        self.process.send_signal(signal_number)
        output, _ = self.process.communicate(timeout=10)
        return self.process.returncode, output

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def write(server, name, text):
    path = os.path.join(server.directory.name, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def refused(server, line, message, *words, number=None, stdin=""):
    """Fails unless the server ends with status 1 and says which line it does not accept, and why."""
    status, output, errors = ends(server, *words, stdin=stdin)
    equal(status, 1, "exit status")
    equal(re.sub(r"^\d+:C .* # Reading config from stdin\n", "", output), "", "standard output")
    lines = errors.splitlines()
    equal(lines[0], "", "first line")
    assert re.fullmatch(r"\*\*\* FATAL CONFIG FILE ERROR \(Redis \d+\.\d+\.\d+\) \*\*\*", lines[1]), errors
    if number is not None:
        equal(lines[2], f"Reading the configuration file, at line {number}")
    equal(lines[3:], [f">>> '{line}'", message])


@check("the log: version line, Server initialized, then once that it accepts connections")
def log_order(server):
    ready = texts(server)["ready"]
    port = free_port()
    with Process(server, "--port", str(port), "--save", "", port=port) as process:
        with Wire(port) as wire:
            equal(wire.call("PING"), "PONG")
        pid = process.process.pid
        status, output = process.finish()
    equal(status, 0)
    contains(output, f"pid={pid}, just started", "Server initialized\n", f" * {ready}\n")
    equal(len(re.findall("Ready to accept connections", output)), 1, "how often it says that it is ready")
    stamp = rf"{pid}:[CM] \d\d [A-Z][a-z][a-z] \d\d\d\d \d\d:\d\d:\d\d\.\d\d\d [*#] "
    for wanted in ("Server initialized", ready):
        assert re.search(f"^{stamp}{wanted}$", output, re.MULTILINE), f"{wanted}: {output}"


@check("the log has a line `PID: <pid>` before Server initialized")
def log_pid(server):
    port = free_port()
    # Redis 7.0 shows it with its logo, on a terminal or when asked.
    words = [] if texts(server)["ready"].endswith("tcp") else ["--always-show-logo", "yes"]
    with Process(server, "--port", str(port), "--save", "", *words, port=port) as process:
        pid = process.process.pid
        _, output = process.finish()
    assert re.search(rf"\bPID: {pid}\b", output), output
    contains(output, f"PID: {pid}", "Server initialized\n", "Ready to accept connections")


@check("the log reaches a pipe line by line, before the process ends")
def log_is_flushed(server):
    port = free_port()
    with Process(server, "--port", str(port), "--save", "") as process:
        text = b""
        deadline = time.monotonic() + 10
        while b"Ready to accept connections" not in text:
            assert select.select([process.process.stdout], [], [], deadline - time.monotonic())[0], text
            text += os.read(process.process.stdout.fileno(), 65536)
        # What the line promises must hold at once.
        with Wire(port) as wire:
            equal(wire.call("PING"), "PONG")


@check("SIGTERM and SIGINT end it with status 0, quickly, with connections open")
def signals(server):
    for number, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "SIGINT")):
        port = free_port()
        with Process(server, "--port", str(port), "--save", "", port=port) as process, Wire(port) as wire:
            equal(wire.call("SET", "k", "v"), "OK")
            start = time.monotonic()
            status, output = process.finish(number)
            milliseconds = (time.monotonic() - start) * 1000
            equal(status, 0, name)
            assert milliseconds < 1000, f"{name}: {milliseconds:.0f} ms"
            contains(output, f"Received {name} scheduling shutdown...", "User requested shutdown...", "bye bye...")
            assert wire.closed(), "the connection is still open"


@check("SIGHUP and SIGPIPE do nothing")
def ignored_signals(server):
    for number in (signal.SIGHUP, signal.SIGPIPE):
        os.kill(server.process.pid, number)
        equal(server.call("PING"), "PONG")


@check("SHUTDOWN ends it with status 0, on an idle and on a busy server")
def shutdown(server):
    for words in (["SHUTDOWN"], ["SHUTDOWN", "NOSAVE"], ["SHUTDOWN", "NOW", "FORCE"]):
        port = free_port()
        with Process(server, "--port", str(port), "--save", "", port=port) as process:
            with Wire(port) as wire:
                equal(wire.call("SET", "k", "v"), "OK")
                wire.send("{}\r\n".format(" ".join(words)).encode())
                assert wire.closed(), "the connection is still open"
            equal(process.process.wait(5), 0, " ".join(words))


@check("Ctrl-C at a terminal ends it with status 0")
def terminal(server):
    port = free_port()
    child, descriptor = pty.fork()
    if child == 0:
        os.execv(server.path, [server.path, "--port", str(port), "--save", "", "--dir", server.directory.name])
    text = b""
    while b"Ready to accept connections" not in text:
        assert select.select([descriptor], [], [], 10)[0], text
        text += os.read(descriptor, 65536)
    contains(text.decode(), f"PID: {child}", "Server initialized")
    os.write(descriptor, b"\x03")
    ended, status = 0, 0
    deadline = time.monotonic() + 5
    while not ended and time.monotonic() < deadline:
        if select.select([descriptor], [], [], 0.01)[0]:
            try:
                os.read(descriptor, 65536)
            except OSError:
                pass
        ended, status = os.waitpid(child, os.WNOHANG)
    os.close(descriptor)
    equal((ended, status), (child, 0))


@check("a port in use: Redis' message and status 1")
def port_in_use(server):
    status, output, errors = ends(server, "--port", str(server.port), "--save", "")
    equal((status, errors), (1, ""))
    contains(output, f"Could not create server TCP listening socket *:{server.port}: bind: Address already in use\n",
             f"Failed listening on port {server.port} {texts(server)['listening']}, aborting.\n")
    assert "Ready to accept connections" not in output, output
    equal(server.call("PING"), "PONG")


@check("an address that is not ours: message and status 1; with a dash before it, no matter")
def foreign_address(server):
    port = free_port()
    status, output, _ = ends(server, "--port", str(port), "--bind", "203.0.113.7")
    equal(status, 1)
    contains(output, f"Could not create server TCP listening socket 203.0.113.7:{port}: "
                     "bind: Cannot assign requested address\n", f"Failed listening on port {port} ")
    words = ["--port", str(port), "--save", "", "--bind", "-203.0.113.7", "127.0.0.1"]
    with Process(server, *words, port=port) as process:
        equal(process.config("bind"), ["-203.0.113.7 127.0.0.1"])


@check("IPv4 and IPv6, several addresses")
def addresses(server):
    port = free_port()
    with Process(server, "--port", str(port), "--save", "", "--bind", "127.0.0.1", "-::1", port=port) as process:
        equal(process.config("bind"), ["127.0.0.1 -::1"])
        equal(ends_cli("-h", "::1", "-p", str(port), "ping"), "PONG\n")
        equal(ends_cli("-h", "127.0.0.1", "-p", str(port), "ping"), "PONG\n")


def ends_cli(*words):
    return subprocess.run(["redis-cli", *words], capture_output=True, text=True, timeout=10).stdout


@check("port 0: only the Unix socket, with its permissions, removed at the end; or nothing to listen on")
def unix_socket(server):
    status, output, _ = ends(server, "--port", "0")
    equal(status, 1)
    contains(output, "Configured to not listen anywhere, exiting.\n")
    path = os.path.join(server.directory.name, "own-socket")
    with Process(server, "--port", "0", "--save", "", "--unixsocket", path, "--unixsocketperm", "700") as process:
        eventually(lambda: os.path.exists(path), "the socket")
        with Wire(path=path) as wire:
            equal(wire.call("PING"), "PONG")
        equal(os.stat(path).st_mode & 0o777, 0o700)
        status, output = process.finish()
    equal((status, os.path.exists(path)), (0, False))
    contains(output, texts(server)["unix"])
    status, output, _ = ends(server, "--port", "0", "--unixsocket", "/nonexistent/socket")
    equal(status, 1)
    contains(output, "Failed opening Unix socket: bind: No such file or directory\n")


@check("--version, -v, --help, -h")
def about(server):
    for flag in ("--version", "-v"):
        status, output, errors = ends(server, flag)
        equal((status, errors), (0, ""))
        assert re.match(r"Redis server v=\d+\.\d+\.\d+ sha=\S+ malloc=\S+ bits=64 build=\S+\n\Z", output), output
    for flag in ("--help", "-h"):
        status, output, errors = ends(server, flag)
        # Redis prints its usage as an error, with status 1; no tool depends on that, so a plain answer is as good.
        assert (status, output) == (1, "") or (status, errors) == (0, ""), (status, output, errors)
        contains(output + errors, "Usage: ")


@check("settings from a file: include, quoting, case, units, repetition, comments")
def file(server):
    port = free_port()
    included = write(server, "included.conf",
                     f'port {port}\nrequirepass "a b\\x41\\t"\nmaxmemory 1gb\nmaxmemory-policy ALLKEYS-lru\n')
    path = write(server, "main.conf", f"""# A comment, and an empty line

include {included}
  maxmemory   2mb\t
MaxClients 50
save 900 1 300 10
timeout 1
timeout 2
bind 127.0.0.1 -::1
'maxmemory-samples' "7"
client-output-buffer-limit normal 1mb 1m 10 pubsub 2mb 1mb 60
""")
    names = ["requirepass", "maxmemory", "maxmemory-policy", "maxclients", "save", "timeout", "bind",
             "maxmemory-samples", "client-output-buffer-limit"]
    with Process(server, path, "--maxclients", "60", "--save", "", port=port, password="a bA\t") as process:
        equal(process.config(*names), [
            "a bA\t", "2097152", "allkeys-lru", "60", "", "2", "127.0.0.1 -::1", "7",
            "normal 1048576 1000000 10 slave 268435456 67108864 60 pubsub 2097152 1048576 60"])


@check("include takes a pattern, a relative path, and may be an option")
def include(server):
    port = free_port()
    os.makedirs(os.path.join(server.directory.name, "parts"), exist_ok=True)
    write(server, "parts/1.conf", f"port {port}\ntimeout 7\n")
    write(server, "parts/2.conf", "timeout 8\n")
    write(server, "all.conf", 'include parts/*.conf\nsave ""\n')
    with Process(server, "all.conf", port=port) as process:
        equal(process.config("timeout"), ["8"])
    with Process(server, "--include", "parts/1.conf", "--save", "", port=port) as process:
        equal(process.config("timeout"), ["7"])


@check("settings from standard input; options after them win")
def standard_input(server):
    port = free_port()
    lines = f'port {port}\nmaxmemory 7mb\nsave ""'
    with Process(server, "-", stdin=lines, port=port) as process:
        equal(process.config("maxmemory"), ["7340032"])
    with Process(server, "-", "--timeout", "5", stdin=lines, port=port) as process:
        equal(process.config("maxmemory", "timeout"), ["7340032", "5"])
    with Process(server, "--maxmemory", "9mb", "-", stdin=lines, port=port) as process:
        equal(process.config("maxmemory"), ["9437184"])
    path = write(server, "first.conf", "maxmemory 6mb\ntimeout 9\n")
    with Process(server, path, "-", stdin=lines, port=port) as process:
        equal(process.config("maxmemory", "timeout"), ["7340032", "9"])


@check("settings as options: one argument with both, several values, repetition, quotes kept, upper case")
def options(server):
    port = str(free_port())
    common = ["--port", port, "--save", ""]
    with Process(server, *common, "--requirepass secret", port=int(port), password="secret") as process:
        equal(process.config("requirepass"), ["secret"])
    with Process(server, "--requirepass secret", *common, port=int(port), password="secret") as process:
        equal(process.config("requirepass"), ["secret"])
    with Process(server, *common, "--requirepass", "my 'own' \"word\"", port=int(port),
                 password="my 'own' \"word\"") as process:
        equal(process.config("requirepass"), ["my 'own' \"word\""])
    with Process(server, "--port", "1", "--PORT", port, "--HZ", "20", "--bind", "127.0.0.1", "-::1",
                 port=int(port)) as process:
        equal(process.config("bind", "hz", "port"), ["127.0.0.1 -::1", "20", port])
        with Wire(int(port)) as wire:
            wire.send(b"SHUTDOWN NOSAVE\r\n")
            assert wire.closed()
    with Process(server, *common, "--loglevel", "warning", port=int(port)) as process:
        _, output = process.finish()
        assert "Ready to accept connections" not in output, output


@check("a file that is not there")
def missing_file(server):
    status, output, errors = ends(server, "/nonexistent.conf")
    equal((status, errors), (1, ""))
    contains(output, "Fatal error, can't open config file '/nonexistent.conf': No such file or directory\n")
    path = write(server, "includes-nothing.conf", "include /nonexistent.conf\n")
    status, output, errors = ends(server, path)
    equal((status, errors), (1, ""))
    contains(output, "Fatal error, can't open config file '/nonexistent.conf': No such file or directory\n")


BAD_LINES = [
    ("nonsense yes", "Bad directive or wrong number of arguments"),
    ("port", "wrong number of arguments"),
    ("port abc", "argument couldn't be parsed into an integer"),
    ("port 70000", "argument must be between 0 and 65535 inclusive"),
    ("maxmemory 1zz", "argument must be a memory value"),
    ("maxmemory -1", "argument must be a memory value"),
    ("save 1", "Invalid save parameters"),
    ("appendonly maybe", "argument must be 'yes' or 'no'"),
    ('requirepass "abc', "Unbalanced quotes in configuration line"),
    ("maxmemory-policy foo", "argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, "
                             "volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction"),
    ("timeout -1", "argument must be between 0 and 2147483647 inclusive"),
    ("databases 0", "argument must be between 1 and 2147483647 inclusive"),
    ("maxclients 0", "argument must be between 1 and 4294967295 inclusive"),
    ("unixsocketperm 999", "argument couldn't be parsed as an octal number"),
    ("dir /nonexistent", "No such file or directory"),
    ("client-output-buffer-limit nobody 1 2 3", "Invalid client class specified in buffer limit configuration."),
    ("client-output-buffer-limit normal 1 2", "Wrong number of arguments in buffer limit configuration."),
]


@check("a bad line in a file: which line, its text and the reason")
def bad_line(server):
    for line, message in BAD_LINES:
        path = write(server, "bad.conf", f"# comment\n\n{line}\nport 1\n")
        refused(server, line, message, path, number=3)
    write(server, "inner.conf", "\nport x\n")
    refused(server, "port x", "argument couldn't be parsed into an integer",
            write(server, "outer.conf", "timeout 1\n\n\ninclude inner.conf\n"))
    refused(server, "foo", "Bad directive or wrong number of arguments", "-", stdin="timeout 1\nfoo", number=2)


@check("a bad option is shown as the line that it stands for")
def bad_option(server):
    bad = "Bad directive or wrong number of arguments"
    refused(server, 'nonsense "1"', bad, "--nonsense", "1", number=2)
    refused(server, "port", "wrong number of arguments", "--port", number=2)
    refused(server, 'port "7802" "extra" "words"', "wrong number of arguments", "--port", "7802", "extra", "words")
    refused(server, "port 7802 --requirepass secret", "wrong number of arguments", "--port 7802 --requirepass secret")
    refused(server, "port=7802", bad, "--port=7802")
    refused(server, '"-port" "7802"', bad, "-port", "7802")
    path = write(server, "good.conf", "timeout 1\nport 1\n")
    refused(server, 'bad "x\\x01\\n"', bad, path, "--bad", "x\x01\n", number=4)


@check("a daemon: its pid file, its log file, its end")
def daemon(server):
    port = free_port()
    log, pid_file = (os.path.join(server.directory.name, name) for name in ("daemon.log", "daemon.pid"))
    status, output, _ = ends(server, "--port", str(port), "--save", "", "--daemonize", "yes", "--logfile", log,
                             "--pidfile", pid_file)
    equal(status, 0)
    eventually(lambda: os.path.exists(log) and "Ready to accept connections" in open(log).read(), "the daemon")
    pid = int(open(pid_file).read())
    try:
        with Wire(port) as wire:
            equal(wire.call("PING"), "PONG")
            contains(wire.call("INFO", "server").decode(), f"process_id:{pid}\r\n")
    finally:
        os.kill(pid, signal.SIGTERM)
    eventually(lambda: not os.path.exists(pid_file), "the pid file to go")
    eventually(lambda: subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True).stdout[:1] in (
        b"", b"Z"), "its end")


@check("CONFIG REWRITE keeps comments and order, and the server starts from the result")
def rewrite(server):
    port = free_port()
    path = write(server, "rewritten.conf", f'# mine\nport {port}\n\nsave ""\ntimeout 5\n# end\n')
    with Process(server, path, port=port) as process:
        with Wire(port) as wire:
            equal(wire.call("CONFIG", "SET", "timeout", "6", "maxmemory", "3mb", "requirepass", 'a "b"'), "OK")
            equal(wire.call("CONFIG", "REWRITE"), "OK")
    text = open(path).read()
    contains(text, f"# mine\nport {port}\n\n", "timeout 6\n# end\n", "maxmemory 3mb\n")
    contains(text, 'requirepass "a \\"b\\""\n')
    with Process(server, path, port=port, password='a "b"') as process:
        equal(process.config("timeout", "maxmemory", "requirepass", "save"), ["6", "3145728", 'a "b"', ""])
    with Wire(server.port) as wire:
        equal(str(wire.call("CONFIG", "REWRITE")), "ERR The server is running without a config file")


if __name__ == "__main__":
    main()
