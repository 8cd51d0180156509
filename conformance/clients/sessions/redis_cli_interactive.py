"""redis-cli at a terminal: the prompt, argument hints, completion, help, history, a lost connection."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, contains, equal, main  # noqa: E402


class Terminal:
    """redis-cli under a pseudo terminal of 200 columns; what it prints is read until an expected piece came."""

    def __init__(self, server, *words):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ.update(HOME=server.directory.name, TERM="xterm")
            os.execvp("redis-cli", ["redis-cli", "-p", str(server.port), *words])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))

    def read_until(self, wanted, seconds=5.0):
        text = ""
        deadline = time.monotonic() + seconds
        while wanted not in plain(text):
            if not select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"waited for {wanted!r}, the terminal shows {plain(text)[-600:]!r}")
            text += os.read(self.terminal, 65536).decode("utf-8", "replace")
        return plain(text)

    def type(self, keys, wanted):
        """Types the keys and waits until the terminal shows the wanted piece."""
        os.write(self.terminal, keys.encode())
        return self.read_until(wanted)

    def enter(self, line, wanted):
        """Enters a line and waits for the wanted piece and the next prompt: what is typed before it is thrown away."""
        os.write(self.terminal, line.encode() + b"\r")
        text = self.read_until(wanted)
        # Maps show "=> ", so that an arrow alone is no prompt.
        while not re.search(r"(:\d+(\[\d+\])?|not connected)> \Z", text):
            text += self.read_until("> ")
        return text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.child, signal.SIGKILL)
        os.close(self.terminal)
        os.waitpid(self.child, 0)


def plain(text):
    """Without colours and cursor movements."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


@check("the prompt, a command, an error, an empty answer")
def dialogue(server):
    prompt = f"127.0.0.1:{server.port}> "
    with Terminal(server) as terminal:
        terminal.read_until(prompt)
        terminal.enter("set k v", "\r\nOK\r\n" + prompt)
        terminal.enter("get k", '\r\n"v"\r\n' + prompt)
        terminal.enter("incr n", "\r\n(integer) 1\r\n" + prompt)
        terminal.enter("incr k", "\r\n(error) ERR value is not an integer or out of range\r\n" + prompt)
        terminal.enter("client k", "\r\n(error) ERR unknown subcommand 'k'. Try CLIENT HELP.\r\n" + prompt)
        terminal.enter("get none", "\r\n(nil)\r\n" + prompt)
        terminal.enter("keys none", "\r\n(empty array)\r\n" + prompt)
        terminal.enter("3 incr n", "\r\n(integer) 2\r\n(integer) 3\r\n(integer) 4\r\n" + prompt)
        terminal.enter('set "a', "\r\nInvalid argument(s)\r\n" + prompt)


@check("typing `set ` shows its arguments, and they shrink as words are typed")
def hints(server):
    with Terminal(server) as terminal:
        terminal.read_until("> ")
        terminal.type("set ", "> set key value [NX|XX] [GET] [EX seconds|PX milliseconds|EXAT ")
        terminal.type("k ", "> set k value [NX|XX] [GET] [EX seconds|")
        terminal.type("v ", "> set k v [NX|XX] [GET] [EX seconds|")
        terminal.type("\x15getex k ", "> getex k [EX seconds|PX milliseconds|EXAT ")
        terminal.type("\x15lcs a b ", "> lcs a b [LEN] [IDX] [MINMATCHLEN ")


@check("a command that redis-cli does not know by itself is hinted from the server's COMMAND DOCS", since="7.2")
def hints_from_the_server(server):
    with Terminal(server) as terminal:
        terminal.read_until("> ")
        terminal.type("client no-touch ", "> client no-touch ON|OFF")
        terminal.type("\x15client setinfo ", "> client setinfo LIB-NAME libname|LIB-VER libver")


@check("redis-cli asks COMMAND DOCS at its start, with every field that it reads")
def documentation(server):
    with server.wire() as wire, Terminal(server) as terminal:
        wire.call("MONITOR")
        terminal.read_until("> ")
        terminal.enter("ping", "PONG")
        # The terminal may have asked before the monitor saw it; the reply is then looked at alone.
        documents = server.call("COMMAND", "DOCS", "set", "client")
    names = dict(zip(documents[::2], documents[1::2]))
    fields = dict(zip(names[b"set"][::2], names[b"set"][1::2]))
    equal([key for key in fields if key in (b"summary", b"since", b"group", b"complexity", b"arguments")],
          [b"summary", b"since", b"group", b"complexity", b"arguments"])
    assert b"subcommands" in names[b"client"][::2], names[b"client"][::2]


@check("help shows a command; tab completes; history brings lines back")
def editing(server):
    with Terminal(server) as terminal:
        terminal.read_until("> ")
        text = terminal.enter("help incr", "string")
        contains(text, "INCR key", "summary: ", "since: 1.0.0", "group:")
        terminal.enter("help @generic", "WAIT")
        terminal.type("strl\t", "> STRLEN key")
        terminal.enter(" k", "(integer) 0")
        terminal.type("\x10", "> STRLEN k")
        terminal.type("\x15\x10\x10", "> help @generic")


@check("SELECT changes the prompt, and a killed connection comes back")
def coming_back(server):
    prompt = f"127.0.0.1:{server.port}"
    with Terminal(server) as terminal:
        terminal.read_until(prompt + "> ")
        terminal.enter("select 3", f"OK\r\n{prompt}[3]> ")
        terminal.enter("set k three", f"OK\r\n{prompt}[3]> ")
        server.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        terminal.enter("get k", "Error: Server closed the connection\r\nnot connected> ")
        # redis-cli 7.0 shows 3 again but does not select it: what matters here is the way back.
        terminal.enter("echo back", f'"back"\r\n{prompt}[3]> ')


@check("AUTH and HELLO 3 typed at the prompt, and a password asked for")
def authentication(server):
    server.call("CONFIG", "SET", "requirepass", "secret")
    try:
        with Terminal(server) as terminal:
            terminal.read_until("> ")
            terminal.enter("get k", "(error) NOAUTH Authentication required.\r\n")
            terminal.enter("auth wrong", "(error) WRONGPASS invalid username-password pair or user is disabled.")
            terminal.enter("auth secret", "\r\nOK\r\n")
            terminal.enter("hello 3", '3# "proto" => (integer) 3')
            terminal.enter("config get maxmemory", '1# "maxmemory" => "0"')
            terminal.enter("config set requirepass ''", "\r\nOK\r\n")
    finally:
        with server.wire() as wire:
            wire.call("AUTH", "secret")
            wire.call("CONFIG", "SET", "requirepass", "")


@check("MONITOR at a terminal, and commands pushed past it")
def monitor(server):
    with Terminal(server) as terminal:
        terminal.read_until("> ")
        terminal.type("monitor\r", "OK\r\n")
        server.call("SET", "seen", "1")
        terminal.read_until('"SET" "seen" "1"')


@check("quit and end of input leave with status 0")
def leaving(server):
    for keys in ("quit\r", "\x04"):
        terminal = Terminal(server)
        terminal.read_until("> ")
        os.write(terminal.terminal, keys.encode())
        deadline = time.monotonic() + 5
        ended, status = os.waitpid(terminal.child, os.WNOHANG)
        while not ended and time.monotonic() < deadline:
            time.sleep(0.01)
            ended, status = os.waitpid(terminal.child, os.WNOHANG)
        os.close(terminal.terminal)
        equal((ended, status), (terminal.child, 0))


if __name__ == "__main__":
    main()
