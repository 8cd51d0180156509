"""redis-benchmark ends with figures and without a complaint, in the ways in which people run it."""

import csv
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, contains, equal, main  # noqa: E402

TESTS = "ping,set,get,incr,mset"
TITLES = ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"]


def benchmark(server, *words, connect=("-p",), seconds=60):
    """Runs redis-benchmark; returns its status, its lines and its error output, progress lines left out."""
    address = [*connect, str(server.port)] if connect == ("-p",) else list(connect)
    done = subprocess.run(["redis-benchmark", *address, *words], capture_output=True, timeout=seconds)
    lines = [line.rpartition("\r")[2].rstrip() for line in done.stdout.decode().split("\n")]
    return done.returncode, [line for line in lines if line], done.stderr.decode()


def figures(server, *words, titles=TITLES, **options):
    """Runs it with -q and fails unless there is one line with a rate for every title, and nothing else."""
    status, lines, errors = benchmark(server, "-q", *words, **options)
    equal((status, errors), (0, ""))
    found = [re.fullmatch(r"(.+): (\d+\.\d+) requests per second, p50=\d+\.\d+ msec", line) for line in lines]
    assert all(found), lines
    equal([match[1] for match in found], titles)
    assert all(float(match[2]) > 100 for match in found), lines


@check("-q, the string tests, 50 connections")
def quiet(server):
    figures(server, "-t", TESTS, "-n", "20000", "-c", "50")
    equal(server.call("STRLEN", "key:__rand_int__"), 3)
    equal(int(server.call("GET", "counter:__rand_int__")), 20000)


@check("-P 16 -r: pipelined, over many keys")
def pipelined(server):
    figures(server, "-t", TESTS, "-n", "100000", "-P", "16", "-r", "1000", "-d", "64")
    keys = set(server.call("KEYS", "key:*"))
    assert 990 <= len(keys) <= 1000, len(keys)
    equal(server.call("STRLEN", min(keys)), 64)


@check("-P 1000 -c 1: a deep pipeline")
def deep(server):
    figures(server, "-t", TESTS, "-n", "100000", "-P", "1000", "-c", "1")


@check("--threads 2")
def threads(server):
    figures(server, "-t", TESTS, "-n", "100000", "-P", "16", "--threads", "2")


@check("-c 1 and -c 500")
def connections(server):
    figures(server, "-t", "get", "-n", "3000", "-c", "1", titles=["GET"])
    figures(server, "-t", "get", "-n", "20000", "-c", "500", titles=["GET"])


@check("--csv")
def comma_separated(server):
    status, lines, errors = benchmark(server, "--csv", "-t", TESTS, "-n", "10000")
    equal((status, errors), (0, ""))
    rows = list(csv.reader(lines))
    equal(rows[0], ["test", "rps", "avg_latency_ms", "min_latency_ms", "p50_latency_ms", "p95_latency_ms",
                    "p99_latency_ms", "max_latency_ms"])
    equal([row[0] for row in rows[1:]], TITLES)
    assert all(float(value) >= 0 for row in rows[1:] for value in row[1:]), rows


@check("the long report, with the server's settings in it")
def report(server):
    status, lines, errors = benchmark(server, "-t", "set", "-n", "5000")
    equal((status, errors), (0, ""))
    contains("\n".join(lines), "====== SET ======", "5000 requests completed in", "50 parallel clients",
             "3 bytes payload", "keep alive: 1", "host configuration \"save\":\n",
             "host configuration \"appendonly\": no",
             "multi-thread: no", "Latency by percentile distribution:", "throughput summary: ")


@check("a command of one's own, -3, --dbnum, a Unix socket, connections that close after each reply")
def variants(server):
    figures(server, "-r", "10", "-n", "5000", "GETRANGE", "__rand_int__", "0", "5",
            titles=["GETRANGE __rand_int__ 0 5"])
    figures(server, "-3", "-t", "set", "-n", "5000", titles=["SET"])
    figures(server, "--dbnum", "3", "-t", "set", "-r", "10", "-n", "5000", titles=["SET"])
    equal(server.call("INFO", "keyspace").count(b"db3:keys=10,"), 1)
    figures(server, "-t", "get", "-n", "5000", titles=["GET"], connect=("-s", server.socket))
    status, lines, _ = benchmark(server, "-q", "-k", "0", "-t", "ping", "-n", "2000")
    equal((status, len(lines)), (0, 2))


@check("values of 100,000 bytes")
def large_values(server):
    figures(server, "-t", "set,get", "-d", "100000", "-n", "2000", titles=["SET", "GET"])


@check("a password, and the error when it is missing")
def password(server):
    server.call("CONFIG", "SET", "requirepass", "secret")
    try:
        figures(server, "-a", "secret", "-t", "set", "-n", "2000", titles=["SET"])
        status, lines, errors = benchmark(server, "-q", "-t", "set", "-n", "2000")
        assert status == 1 and "NOAUTH Authentication required." in errors, (status, lines, errors)
    finally:
        with server.wire() as wire:
            wire.call("AUTH", "secret")
            wire.call("CONFIG", "SET", "requirepass", "")


@check("a command that the server refuses ends it with the server's words")
def refusal(server):
    status, _, errors = benchmark(server, "-q", "-n", "100", "nosuch")
    equal(status, 1)
    contains(errors, "Error from server: ERR unknown command 'nosuch', with args beginning with: ")


if __name__ == "__main__":
    main()
