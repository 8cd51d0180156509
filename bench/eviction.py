"""How well a server chooses what to evict: how many reads of a Zipf load still find their key.

A cache in front of something slow: what is asked for and not there is put there. Both servers have room for the same
number of keys, whatever a key takes with either, and see the same requests at the same pace. The pace is slow against the
seconds in which LRU reckons: at full speed everything there would have been used within the same second.
"""

import itertools
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from rows import Bar, Row
from servers import MeasurementError, Server

KEYS = 100_000
# How many of them there is room for.
ROOM = 20_000
# The chance of the key of rank r is proportional to 1/r.
EXPONENT = 1.0
VALUE = b"x" * 100
BATCH = 50
BATCHES_PER_SECOND = 200
SEED = 20_241_004

POLICIES = ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-ttl"]


def lifetime(policy, rank):
    """How long a key lives, in seconds; none for `allkeys-…`. For volatile-ttl the keys that are asked for more often
    live longer, so that taking what ends first is the right choice."""
    if policy == "volatile-ttl":
        return 100_000 + KEYS - rank
    return 100_000 if policy.startswith("volatile-") else None


class Cache:
    """A connection to one server under one policy."""

    def __init__(self, server, policy):
        self.policy = policy
        self.max_memory, self.key_memory = 0, 0
        self.connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.connection.makefile("rb", buffering=1 << 16)

    def close(self):
        self.replies.close()
        self.connection.close()

    def reply(self):
        """The next reply: a status or number as it is, a bulk string, or None."""
        line = self.replies.readline()
        if line[:1] == b"$":
            length = int(line[1:])
            return None if length < 0 else self.replies.read(length + 2)[:-2]
        if line[:1] not in (b"+", b":"):
            raise MeasurementError(f"unexpected reply: {line[:100]!r}")
        return line[1:-2]

    def ask(self, line):
        self.connection.sendall(line.encode() + b"\r\n")
        return self.reply()

    def get(self, ranks):
        """Reads keys; answers the ranks of those that are not there."""
        self.connection.sendall(b"".join(b"*2\r\n$3\r\nGET\r\n$11\r\nitem:%06d\r\n" % rank for rank in ranks))
        return [rank for rank in ranks if self.reply() is None]

    def set(self, ranks):
        commands = []
        for rank in ranks:
            seconds = lifetime(self.policy, rank)
            expiry = b"" if seconds is None else b"$2\r\nEX\r\n$6\r\n%06d\r\n" % seconds
            commands.append(b"*%d\r\n$3\r\nSET\r\n$11\r\nitem:%06d\r\n$%d\r\n%s\r\n%s"
                            % (5 if expiry else 3, rank, len(VALUE), VALUE, expiry))
        self.connection.sendall(b"".join(commands))
        for _ in ranks:
            self.reply()

    def used_memory(self):
        fields = dict(line.split(":", 1) for line in self.ask("INFO memory").decode().splitlines() if ":" in line)
        return int(fields["used_memory"])

    def fill(self):
        """Puts in as many keys as there is to be room for, of all ranks some, and makes that the limit."""
        before = self.used_memory()
        ranks = list(range(0, KEYS, KEYS // ROOM))
        for start in range(0, len(ranks), BATCH):
            self.set(ranks[start:start + BATCH])
        self.max_memory = self.used_memory()
        self.key_memory = (self.max_memory - before) / ROOM
        self.adjust()

    def adjust(self):
        """Moves the limit so that there is room for that many: what a key takes changes as keys come and go."""
        self.max_memory += round((ROOM - int(self.ask("DBSIZE"))) * self.key_memory)
        self.ask(f"CONFIG SET maxmemory {self.max_memory}")

    def hit_ratio(self, warm_up, seconds):
        """The part of the reads that found their key, in percent, after so many seconds that do not count."""
        chance = random.Random(SEED)
        ranks = range(KEYS)
        weights = list(itertools.accumulate((rank + 1) ** -EXPONENT for rank in ranks))
        began, misses, reads = time.monotonic(), 0, 0
        for batch in range((warm_up + seconds) * BATCHES_PER_SECOND):
            asked = chance.choices(ranks, cum_weights=weights, k=BATCH)
            missing = self.get(asked)
            if missing:
                self.set(missing)
            if batch >= warm_up * BATCHES_PER_SECOND:
                reads += len(asked)
                misses += len(missing)
            elif batch % BATCHES_PER_SECOND == 0:
                self.adjust()
            time.sleep(max(0, began + batch / BATCHES_PER_SECOND - time.monotonic()))
        return (1 - misses / reads) * 100


def measure(program, policy, warm_up, seconds):
    """The hit ratio of a new server, and how many keys it had at the end."""
    server = Server(program, "--maxmemory-policy", policy)
    cache = Cache(server, policy)
    try:
        cache.fill()
        return cache.hit_ratio(warm_up, seconds), int(cache.ask("DBSIZE"))
    finally:
        cache.close()
        server.stop()


def hit_ratios(run):
    warm_up, seconds = run.size(8, 1), run.size(16, 2)
    rows = []
    for policy in POLICIES:
        # Side by side: the load is light, and time is what a policy needs to show what it is worth.
        with ThreadPoolExecutor(2) as threads:
            programs = [run.ours, run.theirs]
            ours, theirs = threads.map(lambda program: measure(program, policy, warm_up, seconds), programs)
        rows.append(Row(f"hit ratio, {policy}", "%", [ours[0]], [theirs[0]], Bar(ratio_at_least=0.99),
                        f"of {KEYS:,} keys ours had {ours[1]:,} and theirs {theirs[1]:,} at the end"))
    return rows
