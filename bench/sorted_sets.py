"""Sorted sets: the CPU of their commands, on one of a million members too, and what a large one takes."""

import random
import socket

from rows import Bar, Row
from servers import Server
from values import Value, command, measure, replay

MILLION = 1_000_000

LARGE = Value(
    "a sorted set of 1,000,000", MILLION,
    # A number that looks random, and comes but once.
    add=lambda number: command("ZADD", "large", MILLION + number * 7_919_317 % MILLION, f"element:{number:012}"),
    read=lambda number: command("ZSCORE", "large", f"element:{number:012}"),
    remove=[lambda _: command("UNLINK", "large")])


def commands_of_benchmark(run):
    """ZADD and ZPOPMIN as redis-benchmark sends them, and a range of a hundred members."""
    members = [word for number in range(100) for word in (number * 3, f"member:{number}")]
    rows = [("redis-benchmark's ZADD", ["-t", "zadd"], 0.60), ("redis-benchmark's ZPOPMIN", ["-t", "zpopmin"], 0.60)]
    rows = [(what, arguments, [], bar) for what, arguments, bar in rows]
    rows.append(("ZRANGE 0 99 WITHSCORES", ["ZRANGE", "hundred", "0", "99", "WITHSCORES"],
                 [command("ZADD", "hundred", *members)], 0.70))
    return compare(run, rows, run.size(500_000, 20_000))


def commands_on_a_million(run):
    """Each on random members, ranks or scores of a sorted set of a million, in pipelines of 64."""
    members, requests = run.size(MILLION, 20_000), run.size(300_000, 10_000)
    chance = random.Random(7)

    def name(number):
        return f"element:{number:012}"

    def rank_range():
        start = chance.randrange(members - 10)
        return command("ZRANGE", "large", start, start + 9)

    kinds = [
        ("ZADD of members that are there",
         lambda _: command("ZADD", "large", MILLION + chance.randrange(MILLION), name(chance.randrange(members)))),
        ("ZADD of new members",
         lambda number: command("ZADD", "large", MILLION + chance.randrange(MILLION), f"new:{number:012}")),
        ("ZRANK", lambda _: command("ZRANK", "large", name(chance.randrange(members)))),
        ("ZSCORE", lambda _: command("ZSCORE", "large", name(chance.randrange(members)))),
        ("ZRANGEBYSCORE LIMIT 0 10",
         lambda _: command("ZRANGEBYSCORE", "large", MILLION + chance.randrange(MILLION), "+inf", "LIMIT", 0, 10)),
        ("ZRANGE of ten by rank", lambda _: rank_range()),
        ("ZREM", lambda number: command("ZREM", "large", f"new:{number:012}")),
    ]
    batches = [(what, batches_of([make(number) for number in range(requests)], 64)) for what, make in kinds]

    def costs(program):
        server = Server(program)
        try:
            replay(run, server, members, LARGE.add, 0)
            return [cost(server, commands) / requests * 1e9 for _, commands in batches]
        finally:
            server.stop()

    ours, theirs = run.alternate(run.size(3, 1), costs)
    return [Row(f"of 1,000,000: {what}: user CPU, P=64", "ns", [one[at] for one in ours], [one[at] for one in theirs],
                Bar(ratio_at_most=0.60)) for at, (what, _) in enumerate(kinds)]


END = command("ECHO", "the end of this batch")


def batches_of(commands, size):
    """Pipelines of so many commands, each with one more at its end whose answer is known."""
    return [b"".join(commands[start:start + size]) + END for start in range(0, len(commands), size)]


def cost(server, batches):
    """The user CPU that a server takes for pipelines, sent one after the other."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        before = server.cpu_time()
        for batch in batches:
            connection.sendall(batch)
            answer = b""
            while not answer.endswith(b"the end of this batch\r\n"):
                answer = answer[-64:] + connection.recv(1 << 16)
        return (server.cpu_time() - before).user


def compare(run, rows, requests):
    """User CPU per command at P=64 under redis-benchmark, for each row after the commands that prepare it."""
    pair = {"ours": Server(run.ours), "theirs": Server(run.theirs)}
    found = []
    try:
        for what, arguments, preparation, bar in rows:
            figures = {"ours": [], "theirs": []}
            for server in pair.values():
                if preparation:
                    replay(run, server, len(preparation), lambda number: preparation[number], 0)
            for round_number in range(run.size(4, 2)):
                for name, _ in run.programs(round_number):
                    before = pair[name].cpu_time()
                    run.load.benchmark(pair[name], arguments, requests, 64)
                    figures[name].append((pair[name].cpu_time() - before).user / requests * 1e9)
            # The first round is the warm-up.
            found.append(
                Row(f"{what}: user CPU, P=64", "ns", figures["ours"][1:], figures["theirs"][1:],
                    Bar(ratio_at_most=bar)))
    finally:
        for server in pair.values():
            server.stop()
    return found


def union(run):
    """ZUNIONSTORE of two sorted sets of 100,000 that have half of their members in common."""
    members = run.size(100_000, 5_000)

    def milliseconds(program):
        server = Server(program)
        try:
            for key, first in (("one", 0), ("two", members // 2)):
                replay(run, server, members, lambda number: command(
                    "ZADD", key, 100_000 + number * 7_919 % 99_991, f"element:{first + number:012}"), 0)
            times = []
            for _ in range(6):
                before = server.cpu_time()
                server.ask("ZUNIONSTORE target 2 one two")
                times.append((server.cpu_time() - before).user * 1e3)
                server.ask("UNLINK target")
            return sorted(times)[2]
        finally:
            server.stop()

    ours, theirs = run.alternate(run.size(3, 1), milliseconds)
    return [Row("ZUNIONSTORE of two sorted sets of 100,000: user CPU", "ms", ours, theirs, Bar(ratio_at_most=0.70))]


def commands(run):
    return commands_of_benchmark(run) + commands_on_a_million(run) + union(run)


def memory_and_gaps(run):
    return measure(run, LARGE)
