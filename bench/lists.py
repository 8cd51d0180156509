"""Lists: the CPU of their commands and of SORT, what a large one takes, and how soon a client that waits is served."""

import socket
import time

from rows import Bar, Row
from servers import Server
from values import Value, command, measure, replay

MILLION = 1_000_000
MICROSECOND = 1e-6
END_BAR = Bar(ratio_at_most=0.60)
LARGE_BAR = Bar(ratio_at_most=0.70)

LARGE = Value(
    "a list of 1,000,000 20-byte elements", MILLION,
    add=lambda number: command("RPUSH", "large", f"element:{number * 7919 % MILLION:012}"),
    remove=[lambda _: command("UNLINK", "large")])


def memory_and_gaps(run):
    return measure(run, LARGE)


def spent(run, server, words, requests, pipeline=64):
    """User CPU for each request, in nanoseconds."""
    before = server.cpu_time()
    run.load.benchmark(server, words, requests, pipeline)
    return (server.cpu_time() - before).user / requests * 1e9


def commands(run):
    """Pushing and popping as redis-benchmark does: what one pushed the other pops. Then ranges of what is there."""
    ends = [("LPUSH", ["-t", "lpush"]), ("RPUSH", ["-t", "rpush"]), ("LPOP", ["-t", "lpop"]), ("RPOP", ["-t", "rpop"])]
    ranges = [("LRANGE_100", ["LRANGE", "mylist", "0", "99"]), ("LRANGE_600", ["LRANGE", "mylist", "0", "599"])]
    requests, reads, rounds = run.size(640_000, 12_800), run.size(25_600, 3_200), run.size(6, 2)
    pair = {"ours": Server(run.ours), "theirs": Server(run.theirs)}
    figures = {name: {what: [] for what, _ in ends + ranges} for name in pair}
    try:
        for round_number in range(rounds):
            for name, _ in run.programs(round_number):
                for what, words in ends:
                    figures[name][what].append(spent(run, pair[name], words, requests))
                run.load.benchmark(pair[name], ["-t", "lpush"], 12_800, 64)
                for what, words in ranges:
                    figures[name][what].append(spent(run, pair[name], words, reads))
                pair[name].ask("DEL mylist")
    finally:
        for server in pair.values():
            server.stop()
    # The first round is the warm-up.
    return [Row(f"{what}: user CPU, P=64", "ns", figures["ours"][what][1:], figures["theirs"][what][1:],
                END_BAR if (what, words) in ends else LARGE_BAR) for what, words in ends + ranges]


def sorting(run):
    """SORT of 100,000 numbers in scattered order."""
    count, requests = run.size(100_000, 5_000), run.size(30, 5)
    pair = {"ours": Server(run.ours), "theirs": Server(run.theirs)}
    figures = {"ours": [], "theirs": []}
    try:
        for server in pair.values():
            replay(run, server, count, lambda number: command("RPUSH", "numbers", MILLION + number * 7919 % MILLION), 0)
        for round_number in range(run.size(6, 2)):
            for name, _ in run.programs(round_number):
                figures[name].append(spent(run, pair[name], ["SORT", "numbers"], requests, 1) / 1e6)
    finally:
        for server in pair.values():
            server.stop()
    return [Row(f"SORT of a list of {count:,}: user CPU", "ms", figures["ours"][1:], figures["theirs"][1:], LARGE_BAR)]


def waking(run):
    """From LPUSH to the reply of BLPOP, while 1,000 clients wait for other keys."""
    waiting, wakes = run.size(1_000, 100), run.size(3_000, 300)

    def median(program):
        server = Server(program)
        address = ("127.0.0.1", server.port)
        connections = []
        try:
            for number in range(waiting + 2):
                connections.append(socket.create_connection(address))
                connections[-1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if number >= 2:
                    connections[-1].sendall(command("BLPOP", f"other:{number}", 0))
            pusher, popper = connections[:2]
            times = []
            for _ in range(wakes):
                popper.sendall(command("BLPOP", "wanted", 0))
                time.sleep(0.0002)
                began = time.perf_counter()
                pusher.sendall(command("LPUSH", "wanted", "x"))
                popper.recv(100)
                times.append(time.perf_counter() - began)
                pusher.recv(100)
            return sorted(times)[len(times) // 2] / MICROSECOND
        finally:
            for connection in connections:
                connection.close()
            server.stop()

    ours, theirs = run.alternate(run.size(5, 1), median)
    return [Row(f"LPUSH to the BLPOP reply, {waiting:,} blocked on other keys", "µs", ours, theirs,
                Bar(ratio_at_most=1.0))]
