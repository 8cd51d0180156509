"""redis-cli as people and scripts use it: one command, from a pipe, and its own modes that scan, watch and load."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, contains, encode, equal, main  # noqa: E402

WARNING = "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n"
WRONG = "AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\n"


def cli(server, *words, stdin=b"", environment=None, connect=True):
    """Runs redis-cli and returns its exit status, output and error output."""
    words = ["redis-cli", *(["-p", str(server.port)] if connect else []), *words]
    done = subprocess.run(words, input=stdin, capture_output=True, timeout=60,
                          env={**os.environ, "HOME": server.directory.name, **(environment or {})})
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode()


def answers(server, wanted, *words, status=0, errors="", **options):
    """Fails unless redis-cli prints exactly this."""
    equal(cli(server, *words, **options), (status, wanted, errors), f"redis-cli {' '.join(words)}")


def watch(server, seconds, *words):
    """What a mode that never ends prints on a terminal within this time; it is then ended as Ctrl-C does."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["HOME"] = server.directory.name
        os.execvp("redis-cli", ["redis-cli", "-p", str(server.port), *words])
    text = b""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                text += os.read(terminal, 65536)
            except OSError:
                break
    os.kill(child, signal.SIGINT)
    os.close(terminal)
    os.waitpid(child, 0)
    return text.decode("utf-8", "replace")


def fill(server, count, prefix="key:", value="v" * 100):
    with server.wire() as wire:
        wire.send(b"".join(encode("SET", f"{prefix}{number}", value) for number in range(count)))
        for _ in range(count):
            equal(wire.read(), "OK")


@check("one command: status, string, nil, integer and error, raw and for people")
def one_shot(server):
    answers(server, "OK\n", "set", "k", "v")
    answers(server, "v\n", "get", "k")
    answers(server, "\n", "get", "none")
    answers(server, '"v"\n', "--no-raw", "get", "k")
    answers(server, "(nil)\n", "--no-raw", "get", "none")
    answers(server, '1) "v"\n2) (nil)\n', "--no-raw", "mget", "k", "none")
    answers(server, "(integer) 1\n", "--no-raw", "exists", "k")
    answers(server, "ERR value is not an integer or out of range\n\n", "incr", "k")
    answers(server, "(error) ERR value is not an integer or out of range\n", "--no-raw", "incr", "k")
    answers(server, "ERR unknown command 'nosuch', with args beginning with: 'a' 'b' \n\n", "nosuch", "a", "b")
    answers(server, "ERR wrong number of arguments for 'get' command\n\n", "get")
    answers(server, "(empty array)\n", "--no-raw", "keys", "none*")


@check("-e ends with status 1 on an error")
def error_exit(server):
    answers(server, "OK\n", "-e", "set", "k", "v")
    answers(server, "", "-e", "incr", "k", status=1, errors="ERR value is not an integer or out of range\n")


@check("-3 speaks RESP3: maps, nulls, doubles and verbatim strings")
def resp3(server):
    status, text, _ = cli(server, "-3", "--no-raw", "hello", "3")
    equal(status, 0)
    contains(text, '1# "server" => "redis"\n2# "version" => "', '3# "proto" => (integer) 3\n4# "id" => (integer) ',
             '5# "mode" => "standalone"\n6# "role" => "master"\n7# "modules" => (empty array)\n')
    answers(server, '1# "maxmemory" => "0"\n', "-3", "--no-raw", "config", "get", "maxmemory")
    answers(server, "(nil)\n", "-3", "--no-raw", "get", "none")
    contains(cli(server, "-3", "info", "server")[1], "# Server\r\nredis_version:")
    contains(cli(server, "-3", "client", "list")[1], "id=", " resp=3")
    status, text, _ = cli(server, "-3", "--json", "memory", "stats")
    assert isinstance(json.loads(text)["dataset.percentage"], (int, float)), text


@check("--json and --csv print what a program can read")
def machine_readable(server):
    cli(server, "set", "k", 'a"b')
    answers(server, '["a\\"b",null]\n', "--json", "mget", "k", "none")
    equal(json.loads(cli(server, "--json", "config", "get", "maxmemory", "port")[1]),
          {"maxmemory": "0", "port": str(server.port)})
    answers(server, '"a\\"b",NULL\n', "--csv", "mget", "k", "none")
    answers(server, "1\n", "--json", "exists", "k")
    docs = json.loads(cli(server, "--json", "command", "docs", "get", "set")[1])
    equal(sorted(docs), ["get", "set"])
    equal(docs["get"]["arguments"][0]["type"], "key")


@check("-x and -X take a value from standard input, bytes and all")
def value_from_stdin(server):
    answers(server, "OK\n", "-x", "set", "k", stdin=b"a\x00\xff\r\nb\n")
    answers(server, '"a\\x00\\xff\\r\\nb\\n"\n', "--no-raw", "get", "k")
    answers(server, "OK\n", "-X", "TAG", "set", "tagged", "TAG", stdin=b"one")
    answers(server, "one\n", "get", "tagged")
    answers(server, "OK\n", "--quoted-input", "set", '"\\x00\\x01"', '"v\\n"')
    equal(server.call("GET", b"\x00\x01"), b"v\n")


@check("-n chooses the database, and an impossible one is reported")
def database_number(server):
    answers(server, "OK\n", "-n", "3", "set", "three", "3")
    answers(server, "1\n", "-n", "3", "dbsize")
    answers(server, "0\n", "dbsize")
    answers(server, "\n", "-n", "99", "get", "x", errors="SELECT 99 failed: ERR DB index is out of range\n")


@check("-r and -i repeat a command, and take their time")
def repeat(server):
    start = time.monotonic()
    answers(server, "1\n2\n3\n", "-r", "3", "-i", "0.05", "incr", "n")
    assert time.monotonic() - start >= 0.1


@check("-u takes a URL, with database and password; -s a Unix socket")
def addresses(server):
    cli(server, "-n", "3", "set", "three", "3")
    answers(server, "3\n", "-u", f"redis://127.0.0.1:{server.port}/3", "get", "three", connect=False)
    answers(server, "3\n", "-s", server.socket, "-n", "3", "get", "three", connect=False)
    status, text, _ = cli(server, "-s", server.socket, "client", "info", connect=False)
    contains(text, f"addr={server.socket}:0", f"laddr={server.socket}:0", "flags=U")
    answers(server, "PONG\n", "-h", "localhost", "-p", str(server.port), "ping", connect=False)


@check("a password: -a with its warning, --no-auth-warning, the environment, --user, a wrong one, none")
def password(server):
    cli(server, "config", "set", "requirepass", "secret")
    try:
        answers(server, "NOAUTH Authentication required.\n\n", "ping")
        answers(server, "PONG\n", "-a", "secret", "ping", errors=WARNING)
        answers(server, "PONG\n", "-a", "secret", "--no-auth-warning", "ping")
        answers(server, "PONG\n", "ping", environment={"REDISCLI_AUTH": "secret"})
        answers(server, "PONG\n", "--user", "default", "--pass", "secret", "ping", errors=WARNING)
        for user in ("default:", ""):
            answers(server, "PONG\n", "-u", f"redis://{user}secret@127.0.0.1:{server.port}/3", "ping",
                    connect=False, errors=WARNING)
        # An empty user name in the URL is sent as such, and no user has that name.
        answers(server, "NOAUTH Authentication required.\n\n", "-u", f"redis://:secret@127.0.0.1:{server.port}/3",
                "ping", connect=False, errors=WARNING + WRONG)
        answers(server, "OK\nPONG\n", stdin=b"auth secret\nping\n")
        answers(server, "NOAUTH Authentication required.\n\n", "-a", "wrong", "--no-auth-warning", "ping",
                errors=WRONG)
        status, text, _ = cli(server, "-3", "-a", "secret", "--no-auth-warning", "--json", "hello")
        equal(json.loads(text)["proto"], 3)
    finally:
        cli(server, "-a", "secret", "config", "set", "requirepass", "")
    answers(server, "PONG\n", "-a", "secret", "--no-auth-warning", "ping",
            errors="AUTH failed: ERR AUTH <password> called without any password configured for the default user. "
                   "Are you sure your configuration is correct?\n")


@check("commands from a pipe, with quoting, errors and repetition")
def from_a_pipe(server):
    script = b'set a 1\nget a\nbad\n\nping "a b"\n3 incr a\nset "x\\ty" \'q\'\nstrlen "x\\ty"\n'
    unknown = "ERR unknown command 'bad', with args beginning with: \n\n"
    answers(server, "OK\n1\n" + unknown + "a b\n2\n3\n4\nOK\n1\n", stdin=script)


@check("--pipe loads 100,000 commands and counts errors and replies")
def mass_insertion(server):
    load = b"".join(encode("SET", f"pipe:{number}", "value") for number in range(100_000))
    done = "All data transferred. Waiting for the last reply...\nLast reply received from server.\n"
    answers(server, done + "errors: 0, replies: 100000\n", "--pipe", stdin=load)
    equal(server.call("DBSIZE"), 100_000)
    answers(server, done + "errors: 1, replies: 2\n", "--pipe", status=1,
            stdin=encode("INCR", "pipe:1") + b"SET inline 1\r\n",
            errors="ERR value is not an integer or out of range\n")
    equal(server.call("GET", "inline"), b"1")


@check("--scan finds every key once, with a pattern and a type")
def scan(server):
    fill(server, 3000)
    status, text, _ = cli(server, "--scan")
    equal(sorted(text.split()), sorted(f"key:{number}" for number in range(3000)))
    status, text, _ = cli(server, "--scan", "--pattern", "key:1?")
    equal(sorted(text.split()), [f"key:{number}" for number in range(10, 20)])
    equal(cli(server, "--scan", "--quoted-pattern", '"key:\\x31"')[1], "key:1\n")


@check("--bigkeys, --memkeys and --hotkeys sample the keyspace")
def sampling(server):
    fill(server, 300)
    server.call("SET", "big", "x" * 5000)
    status, text, errors = cli(server, "--bigkeys")
    equal((status, errors), (0, ""))
    contains(text, "Sampled 301 keys in the keyspace!", "Biggest string found '\"big\"' has 5000 bytes",
             "0 lists with 0 items", "301 strings with 35000 bytes (100.00% of keys, avg size 116.28)", "0 zsets")
    status, text, errors = cli(server, "--memkeys")
    equal((status, errors), (0, ""))
    contains(text, "Sampled 301 keys in the keyspace!")
    biggest = int(re.search(r"Biggest string found '\"big\"' has (\d+) bytes", text)[1])
    assert 5000 < biggest < 10_000, biggest
    server.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    try:
        for _ in range(50):
            server.call("GET", "key:7")
        contains(cli(server, "--hotkeys")[1], "hot key found with counter:", '"key:7"')
    finally:
        server.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
    assert "An LFU maxmemory policy is not selected" in "".join(cli(server, "--hotkeys")[1:])


@check("--stat prints a line of figures a turn")
def statistics(server):
    fill(server, 123)
    text = watch(server, 0.8, "--stat", "-i", "0.1")
    contains(text, "------- data ------", "keys       mem      clients blocked requests            connections")
    lines = [line.split() for line in text.splitlines() if line.startswith("123 ")]
    assert len(lines) >= 3, text
    assert int(lines[-1][4]) > int(lines[0][4]), "requests do not grow"


@check("--latency, --latency-history and --latency-dist measure")
def latency(server):
    contains(watch(server, 0.6, "--latency"), "min: ", ", max: ", ", avg: ", " samples)")
    contains(watch(server, 0.8, "--latency-history", "-i", "0.3"), "min: ", "seconds range")
    contains(watch(server, 1.2, "--latency-dist", "-i", "0.4"), ".01 .125 .25 .5 milliseconds")


@check("monitor shows what other clients send, escaped and with address and database")
def monitor(server):
    words = ["redis-cli", "-p", str(server.port), "monitor"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    try:
        equal(process.stdout.readline(), b"OK\n")
        with server.wire() as wire:
            wire.call("SELECT", "9")
            wire.call("SET", b"k\x00", 'a "q"')
            name = wire.socket.getsockname()
        # A command is shown once it has run, so SELECT shows the database that it chose.
        equal(process.stdout.readline().partition(b" ")[2], f'[9 {name[0]}:{name[1]}] "SELECT" "9"\n'.encode())
        line = process.stdout.readline()
    finally:
        process.kill()
        process.communicate()
    assert re.match(rb"\d{10}\.\d{6} \[9 127\.0\.0\.1:%d\] " % name[1], line), line
    contains(line.decode(), r'"SET" "k\x00" "a \"q\""')


@check("long answers for people: INFO, CLIENT LIST, LOLWUT, MEMORY DOCTOR, CONFIG GET *, help texts")
def long_answers(server):
    contains(cli(server, "info")[1], "# Server", "# Clients", "# Memory", "# Stats", "# CPU", "# Keyspace")
    contains(cli(server, "lolwut")[1], "Redis ver. ")
    assert len(cli(server, "memory", "doctor")[1]) > 20
    assert len(cli(server, "config", "get", "*")[1].splitlines()) > 300
    contains(cli(server, "--no-raw", "client", "help")[1], "CLIENT <subcommand> [<arg> [value] [opt] ...].", "HELP")
    contains(cli(server, "--no-raw", "object", "help")[1], "ENCODING <key>", "FREQ <key>", "IDLETIME <key>")


@check("nobody listening: the message and status 1")
def nobody(server):
    answers(server, "", "-p", "1", "ping", status=1,
            errors="Could not connect to Redis at 127.0.0.1:1: Connection refused\n")


if __name__ == "__main__":
    main()
