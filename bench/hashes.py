"""Hashes: the CPU of their commands, and what many small ones and a large one take."""

from rows import Bar, Row
from servers import Server
from values import Value, command, measure, replay

MILLION = 1_000_000

SMALL = Value(
    "1,000,000 hashes of 5 fields", MILLION,
    add=lambda number: command(
        "HSET", f"hash:{number:07}", "name", f"user{number:07}", "age", 10 + number % 90, "city", "Berlin",
        "score", MILLION + number * 3, "mail", f"u{number:07}@example"),
    remove=[lambda number: command("UNLINK", f"hash:{number:07}")], removals=MILLION)

LARGE = Value(
    "a hash of 1,000,000 fields", MILLION,
    add=lambda number: command("HSET", "large", f"field:{number:07}", f"value:{number:07}"),
    read=lambda number: command("HGET", "large", f"field:{number:07}"),
    remove=[lambda _: command("UNLINK", "large")])


def memory_and_gaps(run):
    return measure(run, SMALL) + measure(run, LARGE)


def whole_hash(run):
    """HGETALL of a hash of 50 fields."""
    requests, fields = run.size(400_000, 20_000), []
    for number in range(50):
        fields += [f"field:{number}", f"value:{number * 7919}"]
    pair = {"ours": Server(run.ours), "theirs": Server(run.theirs)}
    try:
        for server in pair.values():
            replay(run, server, 1, lambda _: command("HSET", "whole", *fields), 0)
        figures = {"ours": [], "theirs": []}
        for round_number in range(run.size(6, 2)):
            for name, _ in run.programs(round_number):
                before = pair[name].cpu_time()
                run.load.benchmark(pair[name], ["HGETALL", "whole"], requests, 64)
                figures[name].append((pair[name].cpu_time() - before).user / requests * 1e9)
    finally:
        for server in pair.values():
            server.stop()
    # The first round is the warm-up.
    ours, theirs = figures["ours"][1:], figures["theirs"][1:]
    return [Row("HGETALL of 50 fields: user CPU, P=64", "ns", ours, theirs, Bar(ratio_at_most=0.70))]
