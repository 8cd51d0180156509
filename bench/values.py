"""Large values: what they take, and how long clients wait while one of them is built and removed again."""

import os
import tempfile
from dataclasses import dataclass
from typing import Callable

from rows import Bar, Row
from servers import Server

MILLISECOND = 1e6  # in nanoseconds, as `load` reports

MEMORY_BAR = Bar(ratio_at_most=0.80)
GAP_BAR = Bar(ours_at_most=3)


@dataclass(frozen=True)
class Value:
    """Something large: the command that adds its part with a number, how many parts there are, the commands that remove
    it, and those that read it once, so that a table which is still being moved to a larger one arrives there. All
    commands of one kind have the same length."""

    what: str
    count: int
    add: Callable[[int], bytes]
    remove: list[Callable[[int], bytes]]
    read: Callable[[int], bytes] | None = None
    removals: int = 1


def command(*words):
    """A command as it goes over the wire."""
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def replay(run, server, count, make, after):
    """Sends `count` commands; answers the longest gap between replies to somebody else meanwhile, in milliseconds."""
    with tempfile.NamedTemporaryFile(prefix="redstart-bench-", delete=False) as file:
        file.writelines(make(number) for number in range(count))
    try:
        return run.load.run_beside(server, "replay", file.name, count, after)["longest"] / MILLISECOND
    finally:
        os.unlink(file.name)


def measure(run, value):
    """Memory and gaps of one value, each server in its turn."""
    count = run.size(value.count, min(value.count, 20_000))
    removals = count if value.removals > 1 else 1

    def look(program):
        server = Server(program)
        try:
            before = server.memory()["Rss"]
            built = replay(run, server, count, value.add, 0)
            if value.read:
                replay(run, server, count, value.read, 0)
            memory = (server.memory()["Rss"] - before) / count
            removed = max(replay(run, server, removals, remove, run.size(2_000, 200)) for remove in value.remove)
            return memory, built, removed
        finally:
            server.stop()

    ours, theirs = run.alternate(run.size(3, 1), look)

    def row(what, unit, at, bar):
        return Row(f"{value.what}: {what}", unit, [one[at] for one in ours], [one[at] for one in theirs], bar)

    return [row("memory", "bytes each", 0, MEMORY_BAR), row("longest gap, building it", "ms", 1, GAP_BAR),
            row("longest gap, UNLINK", "ms", 2, GAP_BAR)]
