"""Sets: the CPU of taking members out, reading and intersecting them, and what large ones take."""

import time
from dataclasses import dataclass
from typing import Callable

from rows import Bar, Row
from servers import Server
from values import Value, command, measure, replay

MILLION = 1_000_000

STRINGS = Value(
    "a set of 1,000,000 strings", MILLION,
    add=lambda number: command("SADD", "strings", f"member:{number:07}"),
    read=lambda number: command("SISMEMBER", "strings", f"member:{number:07}"),
    remove=[lambda _: command("UNLINK", "strings")])

INTEGERS = Value(
    "a set of 1,000,000 integers", MILLION,
    add=lambda number: command("SADD", "integers", MILLION + number),
    read=lambda number: command("SISMEMBER", "integers", MILLION + number),
    remove=[lambda _: command("UNLINK", "integers")])


def memory_and_gaps(run):
    return measure(run, STRINGS) + measure(run, INTEGERS)


@dataclass(frozen=True)
class Question:
    """A command that is sent again and again: how often, in which pipelines, and what makes the keys before each
    round."""

    what: str
    arguments: list[str]
    requests: int
    pipeline: int
    prepare: Callable
    bar: Bar
    every_round: bool = False


def members(key, first, count, prefix="member:"):
    """Commands that make a set of so many members, a hundred each."""
    return [command("SADD", key, *(f"{prefix}{number:07}" for number in range(start, start + 100)))
            for start in range(first, first + count, 100)]


def send(run, server, commands):
    # They must have the same length; the last ones are.
    replay(run, server, len(commands), lambda number: commands[number], 0)


def two_large_sets(run, server):
    count = run.size(100_000, 5_000)
    send(run, server, members("left", 0, count))
    send(run, server, members("right", count // 2, count))


QUESTIONS = [
    Question("SMEMBERS of 100: user CPU, P=64", ["SMEMBERS", "hundred"], 200_000, 64,
             lambda run, server: send(run, server, members("hundred", 0, 100)), Bar(ratio_at_most=0.70)),
    Question("SINTER of two sets of 100,000: user CPU", ["SINTER", "left", "right"], 100, 1, two_large_sets,
             Bar(ratio_at_most=0.70)),
    Question("SPOP of 1,000,000 members one by one: user CPU, P=64", ["SPOP", "full"], 960_000, 64,
             lambda run, server: send(run, server, members("full", 0, MILLION)), Bar(ratio_at_most=0.60), True),
]


def cpu(run):
    return [ask(run, question) for question in QUESTIONS]


def ask(run, question):
    requests = run.size(question.requests, max(question.requests // 20, 50))
    pair = {"ours": Server(run.ours), "theirs": Server(run.theirs)}
    figures = {"ours": [], "theirs": []}
    try:
        for round_number in range(run.size(6, 2)):
            for name, _ in run.programs(round_number):
                if round_number == 0 or question.every_round:
                    question.prepare(run, pair[name])
                    time.sleep(0.2)
                before = pair[name].cpu_time()
                run.load.benchmark(pair[name], question.arguments, requests, question.pipeline)
                figures[name].append((pair[name].cpu_time() - before).user / requests * 1e9)
    finally:
        for server in pair.values():
            server.stop()
    # The first round is the warm-up.
    return Row(question.what, "ns", figures["ours"][1:], figures["theirs"][1:], question.bar)
