"""Streams: CPU of their commands, of a group that shares a million entries, of what is pending; memory; and how soon a
reader that waits is told."""

import socket
import time

from rows import Bar, Row
from servers import MeasurementError, Server

FIELDS = ["f1", "value1", "f2", "value2", "f3", "12345", "f4", "value4", "f5", "value5"]
SMALL_FIELDS = ["sensor", "12", "temp", "21.5", "state", "ok"]
BAR = Bar(ratio_at_most=0.70)


class Client:
    """A connection that sends commands as they are and reads replies of RESP2."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    @staticmethod
    def encode(*words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        return b"".join(parts)

    def read(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise MeasurementError(line.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest

    def send(self, *words):
        self.socket.sendall(self.encode(*words))

    def ask(self, *words):
        self.send(*words)
        return self.read()

    def fill(self, count, fields):
        """Adds so many entries to the stream `s`."""
        batch = self.encode("XADD", "s", "*", *fields) * 500
        for _ in range(count // 500):
            self.socket.sendall(batch)
            for _ in range(500):
                self.read()

    def close(self):
        self.file.close()
        self.socket.close()


def per_command(run, server, arguments, requests):
    before = server.cpu_time()
    run.load.benchmark(server, arguments, requests, 64)
    return (server.cpu_time() - before).user / requests * 1e9


def commands(run):
    """CPU of single commands, by redis-benchmark."""
    workloads = [
        ("XADD, 5 small fields", ["XADD", "s", "*", *FIELDS], 1_600_000, 0),
        ("XADD MAXLEN ~ 1000", ["XADD", "s", "MAXLEN", "~", "1000", "*", *FIELDS], 1_600_000, 0),
        ("XLEN", ["XLEN", "s"], 3_200_000, 1_000),
        ("XRANGE COUNT 100", ["XRANGE", "s", "-", "+", "COUNT", "100"], 64_000, 1_000),
        ("XREAD COUNT 100", ["XREAD", "COUNT", "100", "STREAMS", "s", "0"], 64_000, 1_000),
    ]
    rows = []
    for name, arguments, requests, entries in workloads:
        count = run.size(requests, 3_200)

        def measure(program, arguments=arguments, count=count, entries=entries):
            server = Server(program)
            try:
                client = Client(server.port)
                client.fill(entries, FIELDS)
                client.close()
                return per_command(run, server, arguments, count)
            finally:
                server.stop()

        rows.append(Row(f"{name}: user CPU, P=64", "ns", *run.alternate(run.size(5, 2), measure), BAR))
    return rows


def group(run):
    """Four consumers read a million entries ten at a time, and acknowledge them."""
    count = run.size(1_000_000, 10_000)

    def measure(program):
        server = Server(program)
        try:
            client = Client(server.port)
            client.fill(count, FIELDS)
            client.ask("XGROUP", "CREATE", "s", "g", "0")
            before = server.cpu_time()
            consumers = [Client(server.port) for _ in range(4)]
            acknowledgements = [[] for _ in consumers]
            read = 0
            while read < count:
                for number, consumer in enumerate(consumers):
                    wanted = Client.encode("XREADGROUP", "GROUP", "g", f"c{number}", "COUNT", "10", "STREAMS", "s", ">")
                    consumer.socket.sendall(b"".join(acknowledgements[number]) + wanted * 16)
                for number, consumer in enumerate(consumers):
                    for _ in acknowledgements[number]:
                        consumer.read()
                    replies = [consumer.read() for _ in range(16)]
                    ids = [[entry[0] for entry in reply[0][1]] for reply in replies if reply]
                    read += sum(map(len, ids))
                    acknowledgements[number] = [Client.encode("XACK", "s", "g", *part) for part in ids]
            return (server.cpu_time() - before).user / count * 1e9
        finally:
            server.stop()

    return [Row("XREADGROUP COUNT 10 + XACK, 4 consumers: user CPU per entry", "ns", *run.alternate(
        run.size(3, 1), measure), BAR)]


def pending(run):
    """What is asked of 100,000 entries that are pending."""
    entries = run.size(100_000, 2_000)
    rows = []
    for name, arguments, requests in [
        ("XPENDING summary", ["XPENDING", "s", "g"], 640_000),
        ("XAUTOCLAIM COUNT 100", ["XAUTOCLAIM", "s", "g", "x", "0", "0", "COUNT", "100"], 12_800),
    ]:
        def measure(program, arguments=arguments, requests=requests):
            server = Server(program)
            try:
                client = Client(server.port)
                client.fill(entries, FIELDS)
                client.ask("XGROUP", "CREATE", "s", "g", "0")
                for number in range(4):
                    client.ask("XREADGROUP", "GROUP", "g", f"c{number}", "COUNT", entries // 4, "STREAMS", "s", ">")
                return per_command(run, server, arguments, run.size(requests, 3_200))
            finally:
                server.stop()

        what = f"{name}, 100,000 pending: user CPU, P=64"
        rows.append(Row(what, "ns", *run.alternate(run.size(5, 2), measure), BAR))
    return rows


def memory(run):
    """Growth of RSS by a million entries of three small fields, and by as many that become pending."""
    count = run.size(1_000_000, 20_000)
    figures = {}

    def measure(program):
        server = Server(program)
        try:
            client = Client(server.port)
            client.ask("PING")
            empty = server.memory()["Rss"]
            client.fill(count, SMALL_FIELDS)
            filled = server.memory()["Rss"]
            client.ask("XGROUP", "CREATE", "s", "g", "0")
            while client.ask("XREADGROUP", "GROUP", "g", "c", "COUNT", "100", "STREAMS", "s", ">"):
                pass
            figures[program] = (server.memory()["Rss"] - filled) / count
            return (filled - empty) / count
        finally:
            server.stop()

    ours, theirs = run.alternate(1, measure)
    return [
        Row("memory per entry of 3 small fields", "bytes", ours, theirs, Bar(ratio_at_most=0.90)),
        Row("memory per pending entry", "bytes", [figures[run.ours]], [figures[run.theirs]], Bar(ratio_at_most=0.75)),
    ]


def latency(run):
    """From XADD to the reply of the reader of a group that waits for it, while 1,000 wait for other streams."""
    others, rounds = run.size(1_000, 50), run.size(5_000, 100)

    def measure(program):
        server = Server(program, "--maxclients", "2000")
        waiting = []
        try:
            writer, reader = Client(server.port), Client(server.port)
            writer.ask("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
            for number in range(others):
                waiting.append(Client(server.port))
                waiting[-1].ask("XGROUP", "CREATE", f"o{number}", "g", "$", "MKSTREAM")
                waiting[-1].send("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", f"o{number}", ">")
            took = []
            for _ in range(rounds):
                reader.send("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">")
                time.sleep(0.0003)
                start = time.perf_counter()
                writer.send("XADD", "s", "*", "f", "v")
                reader.read()
                took.append(time.perf_counter() - start)
                writer.read()
            return sorted(took)[len(took) * 99 // 100] * 1e6
        finally:
            for client in waiting:
                client.close()
            server.stop()

    what = "XADD to the reply of a waiting XREADGROUP, 1,000 others waiting: p99"
    return [Row(what, "µs", *run.alternate(run.size(7, 2), measure), Bar(ratio_at_most=1.0))]
