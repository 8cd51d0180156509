"""redis-py, blocking: everything a Python program does with connections, keys and strings, in RESP2 and in RESP3."""

import datetime
import functools
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, contains, equal, eventually, main, raises  # noqa: E402

import redis  # noqa: E402
from redis.backoff import NoBackoff  # noqa: E402
from redis.exceptions import (  # noqa: E402
    AuthenticationError, ConnectionError, DataError, OutOfMemoryError, ResponseError, TimeoutError)
from redis.retry import Retry  # noqa: E402


def text(value):
    """Some releases decode names, some do not."""
    return value.decode() if isinstance(value, bytes) else value


def both(name, since=None):
    """A check of (server, connect) run once in each protocol; `connect` makes a client of that protocol."""
    def mark(function):
        for protocol in (2, 3):
            check(f"RESP{protocol}: {name}", since)(functools.partial(run_with, function, protocol))
        return function
    return mark


def run_with(function, protocol, server):
    clients = []

    def connect(**options):
        options = {"port": server.port, "protocol": protocol, "socket_timeout": 20, **options}
        clients.append(redis.Redis(**options))
        return clients[-1]

    try:
        function(server, connect)
    finally:
        for client in clients:
            client.close()


@both("strings and their options")
def strings(server, connect):
    client = connect()
    equal(client.set("k", "v"), True)
    equal(client.get("k"), b"v")
    equal(client.get("none"), None)
    equal(client.set("k", "w", nx=True), None)
    equal(client.set("k", "w", xx=True, get=True), b"v")
    equal(client.set("none", "x", xx=True), None)
    equal(client.set("n", "x", nx=True, get=True), None)
    equal(client.set("t", "x", ex=100), True)
    equal(client.set("t", "y", keepttl=True), True)
    assert 99 <= client.ttl("t") <= 100
    equal(client.set("t", "x", px=datetime.timedelta(seconds=5)), True)
    assert 4000 < client.pttl("t") <= 5000
    equal(client.set("t", "x", exat=datetime.datetime.now() + datetime.timedelta(hours=1)), True)
    equal(client.getex("t", persist=True), b"x")
    equal(client.ttl("t"), -1)
    equal(client.getdel("t"), b"x")
    equal(client.mset({"a": 1, "b": 2.5, "c": b"\x00\xff"}), True)
    equal(client.mget("a", "b", "c", "d"), [b"1", b"2.5", b"\x00\xff", None])
    equal(client.msetnx({"a": 1, "e": 2}), False)
    equal((client.incr("a", 41), client.decr("a", 2), client.incrbyfloat("b", 0.25)), (42, 40, 2.75))
    equal((client.append("k", "!!"), client.strlen("k"), client.getrange("k", 1, -1)), (3, 3, b"!!"))
    equal((client.setrange("k", 5, "z"), client.get("k")), (6, b"w!!\x00\x00z"))
    equal(client.setex("s", 10, "x"), True)
    equal(client.psetex("s", 10_000, "x"), True)
    equal((client.setnx("s", "y"), client.setnx("u", "y")), (False, True))
    equal(client.getset("u", "z"), b"y")
    equal(client.substr("k", 0, 0), b"w")
    client.mset({"x": "ohmytext", "y": "mynewtext"})
    equal(client.lcs("x", "y"), b"mytext")
    equal(client.lcs("x", "y", len=True), 6)
    found = client.lcs("x", "y", idx=True, minmatchlen=4, withmatchlen=True)
    pairs = dict(zip(found[::2], found[1::2])) if isinstance(found, list) else found
    equal((pairs[b"matches"], pairs[b"len"]), ([[[4, 7], [5, 8], 4]], 6))


@both("keys: existence, copies, names, types, encodings, random ones")
def keys(server, connect):
    client = connect()
    client.mset({"a": "1", "b": "x" * 50, "c": "text"})
    equal((client.exists("a", "b", "none", "a"), client.delete("a", "none"), client.unlink("b")), (3, 1, 1))
    equal((client.rename("c", "d"), client.renamenx("d", "e"), client.type("e")), (True, True, b"string"))
    equal(client.copy("e", "f"), True)
    equal(client.copy("e", "f"), False)
    equal(client.copy("e", "g", destination_db=5, replace=True), True)
    equal((client.move("f", 5), client.move("f", 5)), (True, False))
    equal(client.randomkey(), b"e")
    equal(client.touch("e", "none"), 1)
    client.mset({"i": 12, "m": "short", "l": "x" * 45})
    equal([client.object("encoding", key) for key in "iml"], [b"int", b"embstr", b"raw"])
    equal((client.object("refcount", "m"), client.object("idletime", "m")), (1, 0))
    equal(sorted(client.keys("[eim]")), [b"e", b"i", b"m"])
    equal(client.dbsize(), 4)
    equal(client.swapdb(0, 5), True)
    equal(sorted(client.keys()), [b"f", b"g"])
    equal(client.flushdb(), True)
    equal(client.dbsize(), 0)
    equal(client.flushall(asynchronous=True), True)
    raises(ResponseError, client.rename, "none", "x", text="no such key")


@both("expiry: times, conditions, absolute times, and that keys go on time")
def expiry(server, connect):
    client = connect()
    client.set("k", "v")
    equal((client.ttl("k"), client.ttl("none"), client.pttl("none")), (-1, -2, -2))
    equal(client.expire("k", 100, xx=True), False)
    equal(client.expire("k", datetime.timedelta(seconds=100), nx=True), True)
    equal(client.expire("k", 50, gt=True), False)
    equal(client.expire("k", 50, lt=True), True)
    moment = int(time.time()) + 1000
    equal((client.expireat("k", moment), client.expiretime("k"), client.pexpiretime("k")),
          (True, moment, moment * 1000))
    equal(client.pexpireat("k", moment * 1000 + 5), True)
    equal((client.pexpiretime("k"), client.persist("k"), client.persist("k")), (moment * 1000 + 5, True, False))
    client.set("short", "v", px=150)
    start = time.monotonic()
    eventually(lambda: client.dbsize() == 1, "the key to go without being read", 3)
    assert 0.1 < time.monotonic() - start < 1.0, time.monotonic() - start
    equal(client.get("short"), None)
    equal(client.expire("k", -1), True)
    equal(client.exists("k"), 0)


@both("binary keys and values of every byte, and 10 MB in and out")
def large_and_binary(server, connect):
    client = connect()
    every = bytes(range(256))
    client.set(every, every)
    equal((client.get(every), client.keys(), client.strlen(every)), (every, [every], 256))
    huge = os.urandom(10 * 1024 * 1024)
    client.set("huge", huge)
    assert client.get("huge") == huge
    equal(client.append("huge", b"end"), len(huge) + 3)
    equal(client.getrange("huge", -5, -1), huge[-2:] + b"end")
    client.set(b"k" * 100_000, "long name")
    equal(client.get(b"k" * 100_000), b"long name")


@both("pipelines without a transaction: order, errors in their place, depth")
def pipelines(server, connect):
    client = connect()
    with client.pipeline(transaction=False) as pipeline:
        pipeline.set("k", "text").get("k").incr("k").incr("n").expire("n", 10)
        replies = pipeline.execute(raise_on_error=False)
        equal(replies[:2] + replies[3:], [True, b"text", 1, True])
        equal(type(replies[2]), ResponseError)
        contains(str(replies[2]), "value is not an integer or out of range")
        pipeline.incr("k")
        raises(ResponseError, pipeline.execute, text="caused error: value is not an integer or out of range")
    with client.pipeline(transaction=False) as pipeline:
        for number in range(20_000):
            pipeline.set(f"key:{number}", number)
        equal(pipeline.execute(), [True] * 20_000)
        for number in range(20_000):
            pipeline.get(f"key:{number}")
        equal(pipeline.execute(), [b"%d" % number for number in range(20_000)])


@both("decode_responses")
def decoding(server, connect):
    client = connect(decode_responses=True)
    client.set("käse", "Brötchen")
    equal((client.get("käse"), client.keys(), client.type("käse")), ("Brötchen", ["käse"], "string"))
    equal(client.config_get("maxmemory"), {"maxmemory": "0"})
    equal(client.scan(), (0, ["käse"]))


@both("SCAN sees 10,000 lasting keys while others come and go")
def scanning(server, connect):
    client = connect()
    with client.pipeline(transaction=False) as pipeline:
        for number in range(10_000):
            pipeline.set(f"lasting:{number}", number)
        pipeline.execute()
    over = threading.Event()

    def disturb():
        other = redis.Redis(port=server.port)
        turn = 0
        while not over.is_set():
            with other.pipeline(transaction=False) as pipeline:
                # The table grows to many times its size, and shrinks again.
                for number in range(5000):
                    pipeline.set(f"passing:{turn}:{number}", "x") if turn % 4 < 2 else pipeline.delete(
                        f"passing:{turn - 2}:{number}")
                pipeline.execute()
            turn += 1
        other.close()

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for options in ({}, {"count": 500}, {"match": "lasting:*"},
                        {"match": "lasting:*", "_type": "string", "count": 50}):
            seen = [key for key in client.scan_iter(**options) if key.startswith(b"lasting:")]
            equal(len(set(seen)), 10_000, f"keys seen with {options}")
    finally:
        over.set()
        thread.join()
    equal(list(client.scan_iter(match="nothing:*")), [])
    equal(list(client.scan_iter(_type="hash")), [])


@both("names, numbers, CLIENT LIST, INFO and KILL")
def clients(server, connect):
    client = connect(client_name="first")
    other = connect(client_name="second", retry=Retry(NoBackoff(), 3), retry_on_error=[ConnectionError])
    equal(text(client.client_getname()), "first")
    equal(client.client_setname("renamed"), True)
    info = other.client_info()
    equal((info["name"], info["id"], str(info["db"])), ("second", other.client_id(), "0"))
    names = [entry["name"] for entry in client.client_list()]
    assert "renamed" in names and "second" in names, names
    entry = client.client_list(client_id=[str(info["id"])])
    equal([one["name"] for one in entry], ["second"])
    equal(client.client_list(_type="pubsub"), [])
    equal(client.client_kill_filter(_id=str(info["id"])), 1)
    eventually(lambda: not client.client_list(client_id=[str(info["id"])]), "the killed client to be gone")
    again = other.client_id()
    assert again > info["id"], (again, info["id"])
    address = other.client_info()["addr"]
    equal(client.client_kill(address), True)
    raises(ResponseError, client.client_kill, "1.2.3.4:5", text="No such client")
    equal(client.client_kill_filter(_type="normal", skipme=True) >= 0, True)
    equal(client.client_getredir(), -1)
    equal((client.client_no_evict("ON"), client.client_no_evict("OFF")), (b"OK", b"OK"))
    equal((client.client_pause(1), client.client_unpause()), (True, b"OK"))
    raises(ResponseError, client.client_setname, "with space", text="Client names cannot contain spaces, newlines")


@both("the library's name and version, and NO-TOUCH", since="7.2")
def library(server, connect):
    client = connect(single_connection_client=True)
    info = client.client_info()
    assert info["lib-name"].startswith("redis-py"), info
    equal(info["lib-ver"], redis.__version__)
    equal(client.client_setinfo("LIB-NAME", "mine"), True)
    equal(client.client_info()["lib-name"], "mine")
    equal(client.client_no_touch("ON"), b"OK")
    raises(ResponseError, client.client_setinfo, "LIB-NAME", "a b",
           text="LIB-NAME cannot contain spaces, newlines or special characters.")


@both("CONFIG GET, SET, RESETSTAT and their errors")
def configuration(server, connect):
    client = connect()
    equal(client.config_get("maxmemory"), {"maxmemory": "0"})
    assert len(client.config_get()) > 150
    equal(sorted(client.config_get("maxmemory", "maxmemory-p*")), ["maxmemory", "maxmemory-policy"])
    equal(client.config_set("maxmemory", "100mb"), True)
    equal(client.config_get("maxmemory"), {"maxmemory": "104857600"})
    equal(client.config_set("maxmemory", 0, "timeout", 0), True)
    raises(ResponseError, client.config_set, "nosuch", "1", text="Unknown option or number of arguments for CONFIG SET")
    raises(ResponseError, client.config_set, "maxmemory", "x",
           text="CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value")
    equal(client.config_resetstat(), True)
    assert client.info("stats")["total_commands_processed"] <= 2
    raises(ResponseError, client.config_rewrite, text="The server is running without a config file")


@both("INFO as a dictionary, with the types that programs rely on")
def information(server, connect):
    client = connect()
    client.set("k", "v", ex=100)
    raises(ResponseError, client.execute_command, "INCR", "k")
    info = client.info()
    wanted = {"redis_version": str, "redis_mode": str, "process_id": int, "tcp_port": int, "uptime_in_seconds": int,
              "connected_clients": int, "used_memory": int, "used_memory_human": str, "maxmemory_policy": str,
              "mem_fragmentation_ratio": float, "total_commands_processed": int, "keyspace_hits": int, "role": str,
              "used_cpu_user": float, "cluster_enabled": int, "db0": dict, "loading": int, "os": str, "run_id": str}
    for field, kind in wanted.items():
        equal(type(info[field]), kind, field)
    equal((info["tcp_port"], info["process_id"], info["role"]), (server.port, server.process.pid, "master"))
    # Redis works out the average lifetime now and then, so it may still be 0.
    equal((info["db0"]["keys"], info["db0"]["expires"], 0 <= info["db0"]["avg_ttl"] <= 100_000), (1, 1, True))
    everything = client.info("everything")
    equal(everything["cmdstat_set"]["calls"] >= 1, True)
    equal(type(everything["cmdstat_set"]["usec_per_call"]), float)
    equal(everything["errorstat_ERR"]["count"] >= 1, True)
    equal("p50" in everything["latency_percentiles_usec_set"], True)
    equal(list(client.info("keyspace")), ["db0"])
    equal(client.info("nosuchsection"), {})


@both("COMMAND, COMMAND COUNT, LIST, GETKEYS and DOCS as redis-py reads them")
def commands(server, connect):
    client = connect()
    table = client.command()
    for name, arity, flags, first, last, step in (
            ("get", 2, {"readonly", "fast"}, 1, 1, 1), ("mset", -3, {"write", "denyoom"}, 1, -1, 2),
            ("set", -3, {"write", "denyoom"}, 1, 1, 1), ("ping", -1, {"fast"}, 0, 0, 0)):
        entry = table[name]
        equal((entry["name"], entry["arity"], set(entry["flags"])), (name, arity, flags))
        equal((entry["first_key_pos"], entry["last_key_pos"], entry["step_count"]), (first, last, step))
    equal(client.command_count(), len(table))
    names = [text(name) for name in client.command_list()]
    equal((len(names) > len(table), "get" in names, "config|get" in names), (True, True, True))
    names = [text(name) for name in client.command_list(category="connection")]
    equal(("auth" in names, "client|kill" in names, "get" in names), (True, True, False))
    equal([text(key) for key in client.command_getkeys("MSET", "a", 1, "b", 2)], ["a", "b"])
    found = client.command_getkeysandflags("SET", "k", "v")
    equal([found[0][0], set(found[0][1])], [b"k", {b"OW", b"update"}])
    raises(ResponseError, client.command_getkeys, "PING", "x", text="The command has no key arguments")


@both("server commands: TIME, ROLE, LATENCY, SLOWLOG, MEMORY, MODULE, LOLWUT, WAIT, ECHO, PING")
def administration(server, connect):
    client = connect()
    seconds, microseconds = client.time()
    assert abs(seconds + microseconds / 1e6 - time.time()) < 5
    equal(client.role()[0], b"master")
    equal((client.ping(), client.echo("hello"), client.wait(0, 10)), (True, b"hello", 0))
    client.config_set("slowlog-log-slower-than", 0)
    client.set("slow", "v")
    client.config_set("slowlog-log-slower-than", 10_000)
    entry = next(entry for entry in client.slowlog_get(10) if entry["command"] == b"SET slow v")
    equal((type(entry["id"]), type(entry["duration"]), type(entry["start_time"])), (int, int, int))
    assert client.slowlog_len() >= 1
    equal((client.slowlog_reset(), client.slowlog_len() <= 1), (True, True))
    assert client.memory_usage("slow") > 20
    equal(client.memory_usage("none"), None)
    statistics = client.memory_stats()
    assert statistics["keys.count"] == 1 and statistics["total.allocated"] > 0, statistics
    equal(client.memory_purge(), True)
    equal(client.module_list(), [])
    contains(client.lolwut().decode(), "Redis ver. ")
    equal(client.execute_command("LATENCY RESET"), 0)
    equal(client.execute_command("LATENCY LATEST"), [])
    equal(client.select(3), True)
    equal(client.execute_command("OBJECT HELP")[0][:6], b"OBJECT")


@both("errors become the right exceptions")
def errors(server, connect):
    client = connect()
    client.set("k", "text")
    raises(ResponseError, client.incr, "k", text="value is not an integer or out of range")
    raises(ResponseError, client.execute_command, "NOSUCH", "a", text="unknown command 'NOSUCH', with args beginning")
    raises(ResponseError, client.execute_command, "GET", text="wrong number of arguments for 'get' command")
    raises(ResponseError, client.execute_command, "SET", "k", "v", "EX", "0",
           text="invalid expire time in 'set' command")
    raises(ResponseError, client.execute_command, "SET", "k", "v", "FOO", text="syntax error")
    raises(DataError, client.set, "k", ["a list"])
    client.config_set("maxmemory", 1)
    try:
        raises(OutOfMemoryError, client.set, "k2", "v", text="command not allowed when used memory > 'maxmemory'.")
        equal(client.get("k"), b"text")
    finally:
        client.config_set("maxmemory", 0)
    raises(ConnectionError, redis.Redis(port=1, retry=Retry(NoBackoff(), 0)).ping)
    raises(ResponseError, connect(db=99).ping, text="DB index is out of range")


@both("passwords: right, wrong, missing, with a name")
def passwords(server, connect):
    admin = connect(single_connection_client=True)
    admin.config_set("requirepass", "secret")
    try:
        # Which command is refused depends on what this release sends first.
        for options, message in (({}, "uthenticat"), ({"password": "wrong"}, "invalid username-password"),
                                 ({"username": "nobody", "password": "secret"}, "invalid username-password")):
            refused = connect(retry=Retry(NoBackoff(), 0), **options)
            raises(AuthenticationError, refused.ping, text=message)
        equal(connect(password="secret").ping(), True)
        equal(connect(username="default", password="secret").ping(), True)
        equal(redis.from_url(f"redis://:secret@127.0.0.1:{server.port}/3").set("k", "v"), True)
        equal(connect(password="secret", db=3).get("k"), b"v")
    finally:
        admin.config_set("requirepass", "")


@both("a killed connection is replaced; health checks notice; retries are made")
def reconnection(server, connect):
    admin = connect()
    client = connect(client_name="victim", retry=Retry(NoBackoff(), 3), retry_on_error=[ConnectionError],
                     health_check_interval=1)
    first = client.client_id()
    equal(admin.client_kill_filter(_id=str(first)), 1)
    second = client.client_id()
    assert second > first, (first, second)
    equal(text(client.client_getname()), "victim")
    time.sleep(1.1)
    equal(admin.client_kill_filter(_id=str(second)), 1)
    equal(client.ping(), True)
    stubborn = connect(retry=Retry(NoBackoff(), 0), single_connection_client=True)
    equal(admin.client_kill_filter(_id=str(stubborn.client_id())), 1)
    raises(ConnectionError, stubborn.ping)
    equal(stubborn.ping(), True)


@both("a timeout on the socket, and the next command is answered by its own reply")
def timeouts(server, connect):
    client = connect(socket_timeout=0.2, retry=Retry(NoBackoff(), 0))
    client.set("k", "v")
    connect().execute_command("CLIENT", "PAUSE", "600")
    raises(TimeoutError, client.get, "k")
    time.sleep(0.6)
    equal(client.echo("mine"), b"mine")


@both("a pool shared by threads")
def pool(server, connect):
    shared = connect(max_connections=8)
    pooled = redis.Redis(connection_pool=redis.BlockingConnectionPool(
        port=server.port, max_connections=4, protocol=shared.connection_pool.connection_kwargs["protocol"]))

    def work():
        for _ in range(300):
            pooled.incr("n")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(pooled.get("n"), b"2400")
    assert 2 <= len([1 for entry in pooled.client_list()]) <= 8
    pooled.connection_pool.disconnect()


@both("a Unix socket")
def unix_socket(server, connect):
    protocol = connect().connection_pool.connection_kwargs["protocol"]
    client = redis.Redis(unix_socket_path=server.socket, protocol=protocol)
    equal((client.set("k", "v"), client.get("k")), (True, b"v"))
    info = client.client_info()
    equal((info["addr"], info["flags"]), (f"{server.socket}:0", "U"))
    client.close()


@both("monitor() yields what others do")
def monitoring(server, connect):
    client = connect()
    with client.monitor() as monitor:
        client.set("k", 'a "b"\n')
        seen = None
        while seen is None or not seen["command"].startswith("SET k"):
            seen = monitor.next_command()
        equal((seen["db"], seen["client_address"], seen["client_type"]), (0, "127.0.0.1", "tcp"))
        equal(seen["command"], 'SET k a "b"\\n')
        assert abs(seen["time"] - time.time()) < 5


@both("RESET and HELLO on a connection of one's own")
def reset(server, connect):
    client = connect(single_connection_client=True, client_name="named", db=3)
    protocol = client.connection_pool.connection_kwargs["protocol"]
    hello = client.execute_command("HELLO")
    fields = dict(zip(hello[::2], hello[1::2])) if isinstance(hello, list) else hello
    equal((fields[b"server"], fields[b"proto"], fields[b"role"]), (b"redis", protocol, b"master"))
    equal(text(client.execute_command("RESET")), "RESET")
    # It is in RESP2 again, whose null the RESP3 parser of redis-py 5 waits for in vain: another connection looks.
    number = client.execute_command("CLIENT", "ID")
    entry = connect().client_list(client_id=[str(number)])[0]
    equal((entry["name"], entry["db"], entry["resp"]), ("", "0", "2"))


@check("RESP3 has its own shapes: maps, doubles and nulls, as hiredis and the Python parser read them")
def shapes(server):
    for connection in ({}, {"parser_class": redis.connection._RESP3Parser} if hasattr(
            redis.connection, "_RESP3Parser") else {}):
        client = redis.Redis(connection_pool=redis.ConnectionPool(port=server.port, protocol=3, **connection))
        client.response_callbacks.clear()
        equal(client.execute_command("CONFIG", "GET", "maxmemory"), {b"maxmemory": b"0"})
        equal(client.execute_command("GET", "none"), None)
        equal(type(client.execute_command("MEMORY", "STATS")[b"dataset.percentage"]), float)
        equal(client.execute_command("HELLO", "3")[b"proto"], 3)
        equal(type(client.execute_command("COMMAND", "DOCS", "get")[b"get"]), dict)
        client.close()


if __name__ == "__main__":
    main()
