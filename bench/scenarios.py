"""What is measured. To add a line of the table: a `Workload` in WORKLOADS (anything redis-benchmark can send, measured
for CPU and throughput), or a function and an entry in SCENARIOS at the end (anything else)."""

import socket
import time
from dataclasses import dataclass, field
from typing import Callable

import hashes
import messaging
import scripts
import sets
import sorted_sets
import lists
import lua
import streams
from bits import bits
from eviction import hit_ratios
from rows import Bar, Row
from servers import Load, MeasurementError, Server, command_line, free_port

MEGABYTE = 1024 * 1024
MILLISECOND = 1e6  # in nanoseconds, as `load` reports


@dataclass
class Run:
    """What a scenario is given: the two programs, the load generators, and how much to measure."""

    ours: str
    theirs: str
    load: Load
    quick: bool

    def size(self, full, quick):
        """The full number, or the small one of a run that only checks the tool."""
        return quick if self.quick else full

    def programs(self, round_number):
        """Both programs by name, in an order that changes with each round."""
        pair = [("ours", self.ours), ("theirs", self.theirs)]
        return pair if round_number % 2 == 0 else pair[::-1]

    def alternate(self, rounds, measure):
        """Calls `measure(program)` for both programs, `rounds` times; answers the lists of what it answered."""
        figures = {"ours": [], "theirs": []}
        for round_number in range(rounds):
            for name, program in self.programs(round_number):
                figures[name].append(measure(program))
        return figures["ours"], figures["theirs"]


# --------------------------------------------------------------------------------- commands under redis-benchmark

@dataclass(frozen=True)
class Workload:
    """A command that redis-benchmark sends: its arguments, and the keys that are there before, as `load fill` takes
    them: how many, prefix, value. The bars for CPU per command are those of all commands unless it has its own."""

    name: str
    arguments: list[str]
    fill: tuple = ()
    bars: dict = field(default_factory=dict)

    def bar(self, measure):
        return self.bars.get(measure, BARS[measure])


MILLION_KEYS = (1_000_000, "key:", 64)
MILLION_COUNTERS = (1_000_000, "counter:", "=10000")

WORKLOADS = [
    Workload("SET", ["-t", "set"], MILLION_KEYS),
    Workload("GET", ["-t", "get"], MILLION_KEYS),
    Workload("INCR", ["-t", "incr"], MILLION_COUNTERS),
    Workload("MSET (10)", ["-t", "mset"], MILLION_KEYS),
    Workload("PING", ["-t", "ping_mbulk"]),
    Workload("HSET", ["-t", "hset"], bars={"user CPU, P=64": Bar(ratio_at_most=0.60)}),
    Workload("SADD", ["-t", "sadd"], bars={"user CPU, P=64": Bar(ratio_at_most=0.60)}),
    Workload("SPOP", ["-t", "spop"], bars={"user CPU, P=64": Bar(ratio_at_most=0.60)}),
]

BARS = {
    "user CPU, P=64": Bar(ratio_at_most=0.55),
    "user + system CPU, P=16": Bar(ratio_at_most=0.70),
    "user + system CPU, P=1": Bar(ratio_at_most=0.95),
    "throughput, P=1": Bar(ratio_at_least=1.0),
}


@dataclass
class Sample:
    """What one run of redis-benchmark cost and gave."""

    user: float
    total: float
    rate: float


def sample(run, server, workload, requests, pipeline):
    before = server.cpu_time()
    rate = run.load.benchmark(server, workload.arguments, requests, pipeline)
    spent = server.cpu_time() - before
    return Sample(spent.user / requests * 1e9, spent.total / requests * 1e9, rate)


def request_count(rate, seconds, pipeline):
    """Enough requests to last, in whole pipelines of all 50 clients, so that exactly so many are sent."""
    step = 50 * pipeline
    return max(1, round(rate * seconds / step)) * step


def measure_workload(run, pair, workload, pipeline, rounds, seconds):
    """Samples of both servers, by name. The runs before are the warm-up, not counted; they tell how many requests
    make a run that is long against the clock's tick. Both servers get the same number."""
    rates = []
    for server in pair.values():
        rough = run.load.benchmark(server, workload.arguments, request_count(20_000, 1, pipeline), pipeline)
        requests = request_count(rough, run.size(0.5, 0.1), pipeline)
        rates.append(run.load.benchmark(server, workload.arguments, requests, pipeline))
    requests = request_count(min(rates), run.size(seconds, 0.2), pipeline)
    samples = {name: [] for name in pair}
    for round_number in range(run.size(rounds, 2)):
        for name, _ in run.programs(round_number):
            samples[name].append(sample(run, pair[name], workload, requests, pipeline))
    return samples


def pipelined(pipeline, rounds, seconds, measures):
    """The scenario of one pipeline depth: every workload, so many rounds of so many seconds, and of each the measures
    asked for (name, unit, field)."""

    def scenario(run):
        pair = {"ours": Server(run.ours), "theirs": Server(run.theirs)}
        rows = {measure: [] for measure, _, _ in measures}
        try:
            for fill in dict.fromkeys(workload.fill for workload in WORKLOADS if workload.fill):
                for server in pair.values():
                    run.load.run("fill", server.port, run.size(fill[0], 50_000), *fill[1:], "none")
            for workload in WORKLOADS:
                samples = measure_workload(run, pair, workload, pipeline, rounds, seconds)
                for measure, unit, figure in measures:
                    ours, theirs = ([getattr(one, figure) for one in samples[name]] for name in ("ours", "theirs"))
                    what = f"{workload.name}: {measure}"
                    rows[measure].append(Row(what, unit, ours, theirs, workload.bar(measure)))
        finally:
            for server in pair.values():
                server.stop()
        return [row for group in rows.values() for row in group]

    return scenario


# ------------------------------------------------------------------------------------------- start and idle state

def start_up(run):
    def milliseconds_to_pong(program):
        port = free_port()
        return run.load.run("start", port, program, *command_line(port))["start"] / MILLISECOND

    run.alternate(2, milliseconds_to_pong)  # The warm-up: both programs come from the page cache afterwards.
    ours, theirs = run.alternate(run.size(31, 5), milliseconds_to_pong)
    return [Row("exec to first PONG", "ms", ours, theirs, Bar(ratio_at_most=0.40, ours_at_most=4))]


def idle_server(run):
    """Memory and CPU of a server that answered one PING, and then nothing happened."""
    settle, wait = run.size(1.5, 0.5), run.size(4, 1)

    def look(program):
        server = Server(program)
        try:
            time.sleep(settle)
            memory, share = server.memory(), idle_share(server, wait)
            return {"private": memory["Private_Dirty"] / MEGABYTE, "resident": memory["Rss"] / MEGABYTE, "cpu": share}
        finally:
            server.stop()

    ours, theirs = run.alternate(run.size(3, 1), look)

    def row(what, unit, key, bar=None, note=""):
        return Row(what, unit, [one[key] for one in ours], [one[key] for one in theirs], bar, note)

    return [row("idle server: private memory", "MB", "private", Bar(ours_at_most=2)),
            row("idle server: resident memory", "MB", "resident", note="with the pages of the program's file"),
            row("idle server: CPU", "%", "cpu", Bar(ours_below=0.1))]


def idle_share(server, seconds):
    """The part of one core that a server uses while nobody asks it anything, in percent."""
    before, began = server.cpu_time(), time.monotonic()
    time.sleep(seconds)
    return (server.cpu_time() - before).total / (time.monotonic() - began) * 100


# ------------------------------------------------------------------------------------------------------- memory

@dataclass(frozen=True)
class DataSet:
    """Five million keys of 16 bytes: how long their values are, and whether they have a TTL."""

    what: str
    value: int
    lifetime: str
    bar: Bar


DATA_SETS = [
    DataSet("8-byte values", 8, "none", Bar(ratio_at_most=0.80)),
    DataSet("32-byte values", 32, "none", Bar(ratio_at_most=0.80)),
    DataSet("200-byte values", 200, "none", Bar(ratio_at_most=0.88)),
    DataSet("32-byte values with a TTL", 32, "days", Bar(ratio_at_most=0.75)),
]


def key_memory(run):
    count = run.size(5_000_000, 200_000)

    def bytes_per_key(program, data_set):
        server = Server(program)
        try:
            before = server.memory()["Rss"]
            run.load.run("fill", server.port, count, "key:", data_set.value, data_set.lifetime)
            # Every key is read once, so that a table which was still being moved to a larger one arrives there.
            run.load.run("read", server.port, count, "key:")
            return (server.memory()["Rss"] - before) / count
        finally:
            server.stop()

    rows = []
    for data_set in DATA_SETS:
        # One round: the same keys take the same memory each time, give or take a hundredth.
        ours, theirs = run.alternate(1, lambda program: bytes_per_key(program, data_set))
        rows.append(Row(f"memory per key, {data_set.what}", "bytes", ours, theirs, data_set.bar))
    return rows


def connection_memory(run):
    count, settle, wait = run.size(10_000, 500), run.size(12, 2), run.size(8, 1)

    def look(program):
        server = Server(program, "--maxclients", str(count + 100))
        connections = []
        try:
            before = server.memory()["Rss"]
            for _ in range(count):
                connections.append(socket.create_connection(("127.0.0.1", server.port)))
                connections[-1].sendall(b"PING\r\n")
                if connections[-1].recv(7, socket.MSG_WAITALL) != b"+PONG\r\n":
                    raise MeasurementError(f"connection {len(connections)} was refused")
            time.sleep(settle)
            return (server.memory()["Rss"] - before) / count / 1024, idle_share(server, wait)
        finally:
            for connection in connections:
                connection.close()
            server.stop()

    ours, theirs = run.alternate(1, look)
    memory, cpu = ([[one[at] for one in side] for side in (ours, theirs)] for at in (0, 1))
    return [Row(f"{count:,} idle connections: memory each", "KB", *memory, Bar(ours_at_most=4)),
            Row(f"{count:,} idle connections: CPU", "%", *cpu, Bar(ours_below=0.1))]


# ------------------------------------------------------------------------------------------------- steady service

def reply_gaps(run):
    count, after = run.size(5_000_000, 200_000), run.size(4_000, 500)

    def longest(program):
        server = Server(program)
        try:
            return run.load.run_beside(server, "gaps", count, 32, after)
        finally:
            server.stop()

    ours, theirs = run.alternate(run.size(3, 1), longest)

    def row(what, key):
        ours_here, theirs_here = ([one[key] / MILLISECOND for one in side] for side in (ours, theirs))
        # The scheduler can lengthen any one of them: seeing all tells a stall of the server from one of the machine.
        note = "; ".join(f"{whose}: " + ", ".join(f"{gap:.2f}" for gap in gaps) + " ms"
                         for whose, gaps in (("ours", ours_here), ("theirs", theirs_here)))
        return Row(what, "ms", ours_here, theirs_here, Bar(ours_at_most=3), note)

    return [row(f"longest gap, growing to {count / 1e6:g} million keys", "growth"),
            row(f"longest gap, FLUSHALL ASYNC of {count / 1e6:g} million keys", "flush")]


def expiry_lateness(run):
    count, span, grace = run.size(1_000_000, 100_000), run.size(60_000, 3_000), run.size(10_000, 2_000)

    def lateness(program):
        server = Server(program)
        try:
            found = run.load.run("expiry", server.port, count, span, grace)
            if found["earliest"] < 0:
                raise MeasurementError(f"a key expired {-found['earliest'] / MILLISECOND:.1f} ms too early")
            return found
        finally:
            server.stop()

    ours, theirs = run.alternate(1, lateness)
    note = "; ".join(
        f"{whose}: half within {one['p50'] / MILLISECOND:.1f} ms, latest {one['longest'] / MILLISECOND:.1f} ms, "
        f"{one['reads_per_second']:,.0f} GETs/s, counted at least every {one['longest_pause'] / MILLISECOND:.1f} ms"
        + (f", {one['still_there']:.0f} never seen to go" if one["still_there"] else "")
        for whose, one in (("ours", ours[0]), ("theirs", theirs[0])))
    figures = [[one["p999"] / MILLISECOND for one in side] for side in (ours, theirs)]
    what = f"lateness, 99.9th percentile of {count:,} TTLs over {span // 1000} s"
    return [Row(what, "ms", *figures, Bar(ours_at_most=10), note)]


# ------------------------------------------------------------------------------------------------ the list of all

@dataclass(frozen=True)
class Scenario:
    """A name for `--only`, a title for people, and the function that measures and answers rows."""

    name: str
    title: str
    measure: Callable[[Run], list[Row]]


SCENARIOS = [
    # The kernel tells user from system time by sampling: that measure needs long rounds. The others come close to their
    # bars, and what the machine does besides changes within seconds: they have many short ones.
    Scenario("pipeline-64", "CPU per command, pipelines of 64",
             pipelined(64, 7, 1.5, [("user CPU, P=64", "ns", "user")])),
    Scenario("pipeline-16", "CPU per command, pipelines of 16",
             pipelined(16, 15, 0.6, [("user + system CPU, P=16", "ns", "total")])),
    Scenario("pipeline-1", "CPU per command and throughput, no pipelining",
             pipelined(1, 61, 0.2, [("user + system CPU, P=1", "ns", "total"), ("throughput, P=1", "/s", "rate")])),
    Scenario("start", "Start", start_up),
    Scenario("idle", "The idle server", idle_server),
    Scenario("key-memory", "Memory per key", key_memory),
    Scenario("gaps", "Longest gap between replies", reply_gaps),
    Scenario("connections", "Idle connections", connection_memory),
    Scenario("expiry", "Lateness of expiry", expiry_lateness),
    Scenario("lists", "CPU of list commands", lists.commands),
    Scenario("sort", "CPU of SORT", lists.sorting),
    Scenario("waking", "Waking a client that waits", lists.waking),
    Scenario("list-memory", "A large list: memory, and gaps while it comes and goes", lists.memory_and_gaps),
    Scenario("hash-all", "CPU of reading whole hashes", hashes.whole_hash),
    Scenario("hash-memory", "Hashes: memory, and gaps while they come and go", hashes.memory_and_gaps),
    Scenario("set-cpu", "CPU of reading and intersecting sets", sets.cpu),
    Scenario("set-memory", "Sets: memory, and gaps while they come and go", sets.memory_and_gaps),
    Scenario("sorted-sets", "CPU of sorted sets' commands", sorted_sets.commands),
    Scenario("sorted-set-memory", "Sorted sets: memory, and gaps while one comes and goes",
             sorted_sets.memory_and_gaps),
    Scenario("publish", "Messages", messaging.publishing),
    Scenario("transactions", "Transactions", messaging.transactions),
    Scenario("stream-commands", "CPU of stream commands", streams.commands),
    Scenario("stream-group", "CPU of a consumer group", streams.group),
    Scenario("stream-pending", "CPU of what is pending", streams.pending),
    Scenario("stream-memory", "Streams: memory", streams.memory),
    Scenario("stream-latency", "Streams: how soon who waits is told", streams.latency),
    Scenario("lua", "Lua alone, beside lua5.1", lua.speed),
    Scenario("scripts", "CPU of scripts", scripts.commands),
    Scenario("script-codecs", "CPU of documents in scripts", scripts.codecs),
    Scenario("script-churn", "Scripts that are always new", scripts.churn),
    Scenario("eviction", "Hits when memory is full", hit_ratios),
    Scenario("bits", "Bitmaps and HyperLogLogs", bits),
]
