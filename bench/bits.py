"""CPU of what works on many bits at once: BITCOUNT and BITOP over 10 MB, and HyperLogLogs."""

import random
import socket

from rows import Bar, Row
from servers import MeasurementError, Server

MEGABYTE = 1024 * 1024
AT_MOST = Bar(ratio_at_most=0.70)


class Connection:
    """As little of a client as is needed: commands go out in batches, replies are integers or short lines."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.replies = self.socket.makefile("rb")

    def run(self, commands):
        words = [[word if isinstance(word, bytes) else word.encode() for word in command] for command in commands]
        self.socket.sendall(b"".join(
            b"*%d\r\n" % len(command) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in command)
            for command in words))
        for command in words:
            reply = self.replies.readline()
            if not reply or reply.startswith(b"-"):
                raise MeasurementError(f"{command[0].decode()} answered {reply.decode().strip()}")

    def close(self):
        self.replies.close()
        self.socket.close()


def fill(connection):
    chance = random.Random(1)
    connection.run([["SET", key, chance.randbytes(10 * MEGABYTE)] for key in ("a", "b")])
    connection.run([["PFADD", f"dense{number}", *(f"{number}:{element}" for element in range(20_000))]
                    for number in range(10)])
    connection.run([["PFADD", f"sparse{number}", *(f"{number}:{element}" for element in range(300))]
                    for number in range(10)])


DENSE = [f"dense{number}" for number in range(10)]
SPARSE = [f"sparse{number}" for number in range(10)]

# What, the commands of one turn, and how many turns.
WORK = [
    ("BITCOUNT of 10 MB", [["BITCOUNT", "a"]], 200),
    ("BITOP AND of two times 10 MB", [["BITOP", "AND", "result", "a", "b"]], 100),
    ("BITOP XOR of two times 10 MB", [["BITOP", "XOR", "result", "a", "b"]], 100),
    ("BITOP NOT of 10 MB", [["BITOP", "NOT", "result", "a"]], 100),
    # The byte that is written says that the estimate is stale.
    ("PFCOUNT of one, to be estimated", [["SETRANGE", "dense1", "15", b"\x80"], ["PFCOUNT", "dense1"]], 10_000),
    ("PFCOUNT of 10 dense", [["PFCOUNT", *DENSE]], 3_000),
    ("PFMERGE of 10 dense", [["PFMERGE", "merged", *DENSE]], 3_000),
    ("PFMERGE of 10 sparse", [["PFMERGE", "runs", *SPARSE]], 3_000),
]


def bits(run):
    pair = {name: Server(program) for name, program in (("ours", run.ours), ("theirs", run.theirs))}
    connections = {name: Connection(server.port) for name, server in pair.items()}
    try:
        for connection in connections.values():
            fill(connection)
        rows = []
        for what, commands, turns in WORK:
            turns = run.size(turns, 10)
            figures = {name: [] for name in pair}
            for round_number in range(run.size(5, 1)):
                for name, _ in run.programs(round_number):
                    before = pair[name].cpu_time()
                    for done in range(0, turns, 50):
                        connections[name].run(commands * min(50, turns - done))
                    figures[name].append((pair[name].cpu_time() - before).user / turns * 1e6)
            rows.append(Row(f"user CPU, {what}", "µs", figures["ours"], figures["theirs"], AT_MOST))
        return rows
    finally:
        for connection in connections.values():
            connection.close()
        for server in pair.values():
            server.stop()
