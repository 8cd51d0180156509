"""Clients that behave badly, all on one server, while a witness measures that its own PINGs stay quick."""

import os
import socket
import sys
import threading
import time
from statistics import median as middle

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Wire, check, encode, equal, eventually, main  # noqa: E402

# Generous on purpose: two cores, shared with the bad clients themselves. A server that stalls shows seconds.
MEDIAN_MILLISECONDS = 5
MAXIMUM_MILLISECONDS = 250
MEGABYTE = 1024 * 1024


class Witness:
    """Sends PING every 2 ms on its own connection until the block ends; then judges how long the replies took."""

    def __init__(self, server, what):
        self.server, self.what = server, what
        self.times, self.error, self.over = [], None, threading.Event()
        self.thread = threading.Thread(target=self.measure)

    def measure(self):
        try:
            with Wire(self.server.port) as wire:
                while not self.over.is_set():
                    start = time.monotonic()
                    equal(wire.call("PING"), "PONG")
                    self.times.append((time.monotonic() - start) * 1000)
                    time.sleep(0.002)
        except Exception as error:
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        # A short block gets a longer look: what it caused may show after it.
        deadline = time.monotonic() + 5
        while kind is None and len(self.times) < 60 and self.thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.over.set()
        self.thread.join()
        if kind is not None:
            return
        if self.error is not None:
            raise AssertionError(f"the witness failed: {self.error}")
        median, maximum = middle(self.times), max(self.times)
        print(f"    {self.what}: {len(self.times)} PINGs, median {median:.2f} ms, max {maximum:.1f} ms")
        assert median < MEDIAN_MILLISECONDS, f"median {median:.2f} ms"
        assert maximum < MAXIMUM_MILLISECONDS, f"max {maximum:.1f} ms"


def connect(server, receive_buffer=None):
    """A socket that nobody reads, with a small buffer in the kernel when asked."""
    client = socket.socket()
    if receive_buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.connect(("127.0.0.1", server.port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def clients(server):
    """CLIENT LIST as dictionaries."""
    lines = server.call("CLIENT", "LIST").decode().splitlines()
    return [dict(field.partition("=")[::2] for field in line.split(" ")) for line in lines]


def named(server, name):
    return next((client for client in clients(server) if client["name"] == name), None)


def connected(server):
    return int(server.info("clients")["connected_clients"])


@check("a witness alone")
def alone(server):
    with Witness(server, "nobody else"):
        time.sleep(0.5)


@check("a slow reader takes a large reply bit by bit, and gets all of it")
def slow_reader(server):
    server.call("SET", "big", os.urandom(8 * MEGABYTE).hex())
    with Witness(server, "slow reader"), connect(server, 4096) as client:
        client.sendall(encode("GET", "big"))
        expected = len(b"$16777216\r\n") + 16 * MEGABYTE + 2
        received = 0
        for _ in range(300):
            received += len(client.recv(4096))
            time.sleep(0.003)
        while received < expected:
            received += len(client.recv(MEGABYTE))
        equal(received, expected)


@check("several slow readers of large replies cost memory once for each, and give it back")
def slow_readers(server):
    server.call("SET", "big", b"x" * (4 * MEGABYTE))
    before = server.memory()
    with Witness(server, "ten slow readers of 16 MB"):
        readers = [connect(server, 4096) for _ in range(10)]
        for client in readers:
            client.sendall(encode("GET", "big") * 4)
        eventually(lambda: sum(int(client["omem"]) > 8 * MEGABYTE for client in clients(server)) == 10
                   or server.memory() - before > 100 * MEGABYTE, "the replies to pile up")
        time.sleep(0.3)
        grown = (server.memory() - before) / MEGABYTE
        # What these have in memory lies above the replies and stays.
        others = [connect(server) for _ in range(500)]
        for client in readers:
            client.close()
    print(f"    memory grew by {grown:.0f} MB for 160 MB of unread replies")
    assert grown < 400, f"{grown:.0f} MB"
    eventually(lambda: server.memory() - before < 30 * MEGABYTE, "the memory to come back", 10)
    for client in others:
        client.close()


@check("a byte each 5 ms: every frame is understood when it is whole")
def drop_by_drop(server):
    frames = [(encode("SET", "k", "a b"), "OK"), (b"GET k\r\n", b"a b"), (b"\r\n", None),
              (encode("APPEND", "k", b"\r\n$5\r\n"), 9), (encode("GET", "k"), b"a b\r\n$5\r\n"),
              (b'SET "q\\x41" \'it\'\r\n', "OK"), (encode("GET", "qA"), b"it"), (encode("HELLO", "3"), dict)]
    with Witness(server, "a byte each 5 ms"), Wire(server.port) as wire:
        for frame, reply in frames:
            for position in range(len(frame)):
                wire.send(frame[position:position + 1])
                time.sleep(0.005)
            if reply is dict:
                equal(wire.read()[b"proto"], 3)
            elif reply is not None:
                equal(wire.read(), reply)


@check("a reply is not owed before the frame is whole, nor withheld after")
def frame_by_frame(server):
    with Wire(server.port, timeout=0.2) as wire:
        for piece in (b"*2\r\n$4\r\nEC", b"HO\r\n$3\r", b"\nabc\r"):
            wire.send(piece)
            try:
                raise AssertionError(f"answered {wire.socket.recv(100)!r} after {piece!r}")
            except TimeoutError:
                pass
        wire.send(b"\n*1\r\n$4\r\nPI")
        equal(wire.socket.recv(100), b"$3\r\nabc\r\n")
        wire.send(b"NG\r\n")
        equal(wire.socket.recv(100), b"+PONG\r\n")


@check("100,000 commands pipelined and never read: held, within the kernel's and the server's buffers")
def never_reads(server):
    server.call("SET", "k", "v" * 100)
    before = server.memory()
    with Witness(server, "100,000 commands, no reader"), connect(server, 4096) as client:
        client.sendall(encode("CLIENT", "SETNAME", "mute"))
        load = encode("GET", "k") * 100_000
        sender = threading.Thread(target=send_what_is_taken, args=(client, load))
        sender.start()
        sender.join(10)
        assert not sender.is_alive(), "the server does not read on"
        eventually(lambda: int(server.info("commandstats")["cmdstat_get"].split("calls=")[1].split(",")[0]) >= 100_000,
                   "all commands to run", 10)
        mute = named(server, "mute")
        grown = (server.memory() - before) / MEGABYTE
        print(f"    unread replies: omem={mute['omem']}, memory grew by {grown:.1f} MB")
        assert int(mute["omem"]) > 5 * MEGABYTE, mute
        assert grown < 80, f"{grown:.0f} MB"
        client.settimeout(10)
        equal(read_fully(client, 5 + 100_000 * 108), 5 + 100_000 * 108)


def send_what_is_taken(client, data):
    try:
        client.sendall(data)
    except OSError:
        pass


def read_fully(client, length):
    received = 0
    while received < length:
        part = client.recv(MEGABYTE)
        if not part:
            break
        received += len(part)
    return received


@check("past client-output-buffer-limit the mute client goes, and only it")
def output_limit(server):
    server.call("SET", "k", "v" * 10_000)
    server.call("CONFIG", "SET", "client-output-buffer-limit", "normal 5mb 0 0")
    try:
        with Witness(server, "an output buffer past its limit"), connect(server, 4096) as client:
            client.sendall(encode("CLIENT", "SETNAME", "mute"))
            eventually(lambda: named(server, "mute"), "the client's name")
            sender = threading.Thread(target=send_what_is_taken, args=(client, encode("GET", "k") * 10_000))
            sender.start()
            eventually(lambda: named(server, "mute") is None, "the client to be dropped", 10)
            sender.join(5)
        equal(int(server.info("stats").get("client_output_buffer_limit_disconnections", 1)), 1)
    finally:
        server.call("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0")


@check("past client-query-buffer-limit the sender goes")
def query_limit(server):
    server.call("CONFIG", "SET", "client-query-buffer-limit", "1mb")
    try:
        with Witness(server, "a query buffer past its limit"), connect(server) as client:
            # A bulk that never ends and is larger than the limit; the argument is still being collected.
            send_what_is_taken(client, b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$104857600\r\n" + b"x" * (4 * MEGABYTE))
            client.settimeout(10)
            try:
                equal(client.recv(100), b"")
            except ConnectionResetError:
                pass
    finally:
        server.call("CONFIG", "SET", "client-query-buffer-limit", "1gb")


@check("500 clients that leave in the middle of a frame leave nothing behind")
def leave_mid_frame(server):
    frame = encode("SET", "never", "x" * 100)
    before = connected(server)
    memory = server.memory()
    with Witness(server, "leaving in the middle of a frame"):
        for number in range(500):
            with connect(server) as client:
                if number % 3 == 0:
                    # Leaves with a reset, as a killed process does.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                client.sendall(frame[:1 + number % (len(frame) - 1)])
        for _ in range(20):
            with connect(server) as client:
                client.sendall(b"*3\r\n$3\r\nSET\r\n$5\r\nnever\r\n$50000000\r\n" + b"x" * 200_000)
        eventually(lambda: connected(server) <= before + 1, "the connections to be gone")
    equal(server.call("EXISTS", "never"), 0)
    eventually(lambda: server.memory() - memory < 50 * MEGABYTE, "the memory to come back")


@check("a client that leaves with its replies unread does not end the server")
def leave_with_replies(server):
    server.call("SET", "k", "v" * 1000)
    with Witness(server, "leaving with replies unread"):
        for _ in range(50):
            with connect(server, 4096) as client:
                client.sendall(encode("GET", "k") * 500)
    eventually(lambda: connected(server) <= 1, "the connections to be gone")


@check("half closed: a client that ends its side still gets its replies")
def half_closed(server):
    with connect(server) as client:
        client.sendall(encode("SET", "k", "v") + encode("GET", "k"))
        client.shutdown(socket.SHUT_WR)
        client.settimeout(5)
        text = b""
        while part := client.recv(100):
            text += part
    # Redis stops at the end of input, but what came before it is answered.
    equal(text, b"+OK\r\n$1\r\nv\r\n")


@check("1,000 idle connections: small, free of work, and each still answers")
def idle_connections(server):
    memory = server.memory()
    with Witness(server, "opening 1,000 connections"):
        idle = [Wire(server.port) for _ in range(1000)]
        for wire in idle:
            equal(wire.call("PING"), "PONG")
    each = (server.memory() - memory) / 1000
    start, used = time.monotonic(), server.processor_seconds()
    time.sleep(1.5)
    share = (server.processor_seconds() - used) / (time.monotonic() - start) * 100
    print(f"    {each / 1024:.1f} KB each, {share:.1f} % of a core while idle")
    assert each < 64 * 1024, f"{each:.0f} bytes"
    assert share < 10, f"{share:.1f} %"
    assert connected(server) >= 1001
    with Witness(server, "1,000 idle connections"):
        for wire in idle:
            equal(wire.call("ECHO", "still here"), b"still here")
        time.sleep(0.3)
    with Witness(server, "closing 1,000 connections"):
        for wire in idle:
            wire.close()
        eventually(lambda: connected(server) <= 2, "the connections to be gone")


@check("maxclients: one too many is told so and closed; a place that becomes free is given again")
def too_many(server):
    server.call("CONFIG", "SET", "maxclients", "20")
    try:
        held = [Wire(server.port) for _ in range(19)]
        for wire in held:
            equal(wire.call("PING"), "PONG")
        with Wire(server.port) as last:
            equal(last.call("PING"), "PONG")
            with Wire(server.port) as refused:
                equal(refused.line(), b"-ERR max number of clients reached")
                assert refused.closed()
            statistics = held[0].call("INFO", "stats").decode()
            assert int(statistics.split("rejected_connections:")[1].split("\r")[0]) >= 1, statistics
        for wire in held:
            wire.close()
        eventually(lambda: accepts(server), "a free place")
    finally:
        eventually(lambda: accepts(server), "a free place")
        server.call("CONFIG", "SET", "maxclients", "10000")


def accepts(server):
    try:
        return server.call("PING") == "PONG"
    except Exception:
        return False


@check("rubbish of every kind is answered with Redis' error, or closed, and harms nobody")
def rubbish(server):
    cases = [
        (b"*1\r\n:5\r\n", b"-ERR Protocol error: expected '$', got ':'\r\n"),
        (b"*x\r\n", b"-ERR Protocol error: invalid multibulk length\r\n"),
        (b"*2147483648\r\n", b"-ERR Protocol error: invalid multibulk length\r\n"),
        (b"*1\r\n$-1\r\n", b"-ERR Protocol error: invalid bulk length\r\n"),
        (b"*1\r\n$536870913\r\n", b"-ERR Protocol error: invalid bulk length\r\n"),
        (b"*1\r\n$a\r\n", b"-ERR Protocol error: invalid bulk length\r\n"),
        (b'SET "a\r\n', b"-ERR Protocol error: unbalanced quotes in request\r\n"),
        (b"x" * 70_000, b"-ERR Protocol error: too big inline request\r\n"),
        (b"*" + b"1" * 70_000, b"-ERR Protocol error: too big mbulk count string\r\n"),
        (b"*1\r\n$" + b"1" * 70_000, b"-ERR Protocol error: too big bulk count string\r\n"),
    ]
    with Witness(server, "rubbish"):
        for data, reply in cases:
            with connect(server) as client:
                client.settimeout(5)
                send_what_is_taken(client, data)
                text = b""
                try:
                    while part := client.recv(1000):
                        text += part
                except ConnectionResetError:
                    # Bytes that were never read make the kernel reset; the error may be lost with them.
                    text = text or reply
                equal(text, reply, f"the reply to {data[:40]!r}")
        for words in (b"POST / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: example.com\r\n"):
            with connect(server) as client:
                client.settimeout(5)
                client.sendall(words)
                while client.recv(1000):
                    pass


def mixed(server, over):
    """Starts every kind of bad client at once; returns the threads, which stop when `over` is set."""
    def drip():
        with connect(server) as client:
            for byte in encode("SET", "drip", "x" * 1000):
                if over.wait(0.005):
                    return
                client.sendall(bytes([byte]))

    def sip():
        with connect(server, 4096) as client:
            client.sendall(encode("GET", "big") * 4)
            while not over.wait(0.005):
                client.recv(1024)

    def flood():
        with connect(server, 4096) as client:
            send_what_is_taken(client, encode("GET", "small") * 100_000)
            over.wait()

    def vanish():
        while not over.wait(0.002):
            with connect(server) as client:
                client.sendall(b"*3\r\n$3\r\nSET\r\n$5\r\nnever\r\n$50")

    def babble():
        while not over.wait(0.002):
            with connect(server) as client:
                send_what_is_taken(client, b"*1\r\n$x\r\n" * 100)

    threads = [threading.Thread(target=body) for body in (drip, drip, sip, sip, flood, vanish, babble)]
    for thread in threads:
        thread.start()
    return threads


@check("all of them at once, beside 300 idle connections and two clients that work")
def all_at_once(server):
    server.call("SET", "big", b"x" * (2 * MEGABYTE))
    server.call("SET", "small", b"v" * 100)
    before = connected(server)
    over = threading.Event()
    idle = [Wire(server.port) for _ in range(300)]
    with Witness(server, "all at once"):
        threads = mixed(server, over)
        try:
            with Wire(server.port) as first, Wire(server.port) as second:
                for number in range(3000):
                    equal(first.call("INCR", "n"), number + 1)
                    equal(second.call("GET", "n"), b"%d" % (number + 1))
        finally:
            over.set()
            for thread in threads:
                thread.join(10)
    for wire in idle:
        wire.close()
    eventually(lambda: connected(server) <= before, "the connections to be gone")
    opened = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    assert opened < 40, f"{opened} descriptors are still open"


if __name__ == "__main__":
    main()
