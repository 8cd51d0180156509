"""Scripts: the CPU of what applications send as Lua, of documents in it, and memory under scripts that never end to be
others. (Pure Lua against `lua5.1` is in lua.py.)"""

import hashlib
import json
import random
import socket
import time

from rows import Bar, Row
from servers import MeasurementError, Server
from values import command

MEGABYTE = 1024 * 1024

SET = "return redis.call('set', KEYS[1], ARGV[1])"

# Tokens come back with time; each call takes one, if there is one.
TOKEN_BUCKET = """
local rate, capacity = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or capacity
local at = tonumber(bucket[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
local allowed = tokens >= 1
if allowed then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / rate) * 1000)
return {allowed and 1 or 0, math.floor(tokens)}
"""

# A job goes from the list of those that wait to those at work, then to those that are done; of these a hundred are
# kept, and the oldest beyond waits again, so that there always is one.
MOVE_JOB = """
local function finish(id)
    redis.call('LREM', KEYS[2], 1, id)
    redis.call('ZADD', KEYS[3], ARGV[1], id)
    redis.call('HSET', ARGV[2] .. id, 'finishedOn', ARGV[1])
    if redis.call('ZCARD', KEYS[3]) > 100 then
        local oldest = redis.call('ZPOPMIN', KEYS[3])
        redis.call('LPUSH', KEYS[1], oldest[1])
    end
end
local id = redis.call('RPOPLPUSH', KEYS[1], KEYS[2])
if not id then return false end
local key = ARGV[2] .. id
redis.call('HSET', key, 'processedOn', ARGV[1])
redis.call('HINCRBY', key, 'attemptsMade', 1)
local job = redis.call('HGETALL', key)
finish(id)
return {job, id}
"""

CODECS = [
    ("cjson.decode", "local text = redis.call('GET', KEYS[1]) for _ = 1, 10 do cjson.decode(text) end return 1"),
    ("cjson.encode", "local value = cjson.decode(redis.call('GET', KEYS[1])) "
                     "for _ = 1, 10 do cjson.encode(value) end return 1"),
    ("cmsgpack.unpack", "local text = redis.call('GET', KEYS[2]) for _ = 1, 10 do cmsgpack.unpack(text) end return 1"),
    ("cmsgpack.pack", "local value = cmsgpack.unpack(redis.call('GET', KEYS[2])) "
                      "for _ = 1, 10 do cmsgpack.pack(value) end return 1"),
]


def ask(server, *words):
    """One command; answers the first bytes of its reply, and fails on an error."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(command(*words))
        reply = connection.recv(4096)
    if reply.startswith(b"-"):
        raise MeasurementError(f"{words[0]}: {reply.decode(errors='replace').strip()}")
    return reply


def by_digest(script, keys, *arguments):
    """The words that run a script which is known already."""
    return ["EVALSHA", hashlib.sha1(script.encode()).hexdigest(), str(len(keys)), *keys, *arguments]


def document():
    """About 10 KB of JSON, as an interface would answer: records with texts, numbers and short lists."""
    chance = random.Random(5)
    records = []
    while len(json.dumps(records)) < 10_000:
        number = len(records)
        records.append({
            "id": number, "name": f"user {chance.randrange(10**6)}", "email": f"user{number}@example.com",
            "active": chance.random() < 0.5, "score": round(chance.random() * 100, 2), "manager": None,
            "tags": [chance.choice(["red", "green", "blue"]) for _ in range(3)],
            "address": {"street": f"{number} Long Street", "city": "Übersee", "zip": str(chance.randrange(10**5))},
        })
    return json.dumps(records, ensure_ascii=False)


def measure(run, cases, prepare):
    """CPU for each request of each case (what, words, requests, bar): all rounds on one pair of servers, which take
    turns; the first round is the warm-up."""
    pair = {"ours": Server(run.ours), "theirs": Server(run.theirs)}
    figures = {name: {what: [] for what, *_ in cases} for name in pair}
    try:
        for server in pair.values():
            prepare(server)
        for round_number in range(run.size(6, 2)):
            for name, _ in run.programs(round_number):
                for what, words, requests, _ in cases:
                    server = pair[name]
                    before = server.cpu_time()
                    run.load.benchmark(server, words, requests, 16)
                    spent = (server.cpu_time() - before).total
                    figures[name][what].append(spent / requests * 1e6)
    finally:
        for server in pair.values():
            server.stop()
    return [Row(f"{what}: CPU, P=16", "µs", figures["ours"][what][1:], figures["theirs"][what][1:], bar)
            for what, _, _, bar in cases]


def commands(run):
    """What applications do with scripts, each known by its digest."""
    def prepare(server):
        for script in (SET, TOKEN_BUCKET, MOVE_JOB):
            ask(server, "SCRIPT", "LOAD", script)
        for number in range(1_000):
            ask(server, "HSET", f"job:{number}", "name", "mail", "data", '{"to":"someone@example.com"}',
                "timestamp", "1700000000000", "attemptsMade", "0")
            ask(server, "LPUSH", "wait", number)

    requests = run.size(160_000, 3_200)
    job = by_digest(MOVE_JOB, ["wait", "active", "completed"], "1700000000000", "job:")
    return measure(run, [
        ("EVALSHA of a script that calls SET", by_digest(SET, ["key:__rand_int__"], "x" * 64), requests,
         Bar(ratio_at_most=1.0)),
        ("a token bucket for each of 1,000 users",
         ["-r", "1000", *by_digest(TOKEN_BUCKET, ["bucket:__rand_int__"], "10", "20")], requests,
         Bar(ratio_at_most=1.1)),
        ("a job moved between three structures", job, requests, Bar(ratio_at_most=1.1)),
    ], prepare)


def codecs(run):
    """Documents of 10 KB, ten times a call."""
    def prepare(server):
        text = document()
        ask(server, "SET", "json", text)
        ask(server, "EVAL", "redis.call('SET', KEYS[2], cmsgpack.pack(cjson.decode(redis.call('GET', KEYS[1]))))", 2,
            "json", "packed")
        for _, script in CODECS:
            ask(server, "SCRIPT", "LOAD", script)

    requests = run.size(1_600, 160)
    return measure(run, [(f"{what} of 10 KB, ten times", by_digest(script, ["json", "packed"]), requests,
                          Bar(ratio_at_most=1.2)) for what, script in CODECS], prepare)


def churn(run):
    """A thousand scripts a second, none like another, for a minute: the memory of the last two thirds of it."""
    seconds, batch = run.size(60, 6), 50

    def growth(program):
        server = Server(program)
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
                began, number, early = time.monotonic(), 0, 0
                while number < seconds * 1_000:
                    lines = [command("EVAL", f"local number = {number + step} return {{number, KEYS[1]}}", 1, "key")
                             for step in range(batch)]
                    connection.sendall(b"".join(lines) + command("ECHO", "end of batch"))
                    reply = b""
                    while not reply.endswith(b"end of batch\r\n"):
                        received = connection.recv(65536)
                        if not received or b"-ERR" in received:
                            raise MeasurementError(f"EVAL: {received[:100]!r}")
                        reply = (reply + received)[-64:]
                    number += batch
                    time.sleep(max(0, began + number / 1_000 - time.monotonic()))
                    if number == seconds * 1_000 // 3:
                        early = server.memory()["Rss"]
            return (server.memory()["Rss"] - early) / MEGABYTE
        finally:
            server.stop()

    ours, theirs = run.alternate(1, growth)
    return [Row(f"1,000 different scripts a second: growth of memory over {seconds * 2 // 3} s", "MB", ours, theirs,
                Bar(ours_at_most=1))]
