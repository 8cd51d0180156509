"""Messages and transactions: the server's CPU for what is delivered, and for what runs as one."""

import selectors
import socket
import threading
import time

from rows import Bar, Row
from servers import MeasurementError, Server
from values import command

MESSAGE = "m" * 64
BATCH = 64
MOST_BEHIND = 2 << 20


class Audience(threading.Thread):
    """Connections that read whatever comes, and know how many bytes that was."""

    def __init__(self, port, count, subscription):
        super().__init__(daemon=True)
        self.received = 0
        self.selector = selectors.DefaultSelector()
        self.connections = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(subscription)
            connection.recv(1 << 20)
            self.selector.register(connection, selectors.EVENT_READ)
            self.connections.append(connection)
        self.start()

    def run(self):
        try:
            while True:
                for key, _ in self.selector.select():
                    data = key.fileobj.recv(1 << 18)
                    if not data:
                        return
                    self.received += len(data)
        except OSError:
            return

    def stop(self):
        for connection in self.connections:
            connection.shutdown(socket.SHUT_RDWR)
        self.join()
        for connection in self.connections:
            connection.close()


def exchange(connection, request, reply_bytes):
    """Sends a batch and reads all of its replies."""
    connection.sendall(request)
    while reply_bytes > 0:
        reply_bytes -= len(connection.recv(1 << 18))


def user_time(server, work):
    before = server.cpu_time()
    work()
    return (server.cpu_time() - before).user


def in_turn(run, measure):
    """Figures of both servers, which take turns; the first round is the warm-up."""
    pair = {"ours": Server(run.ours), "theirs": Server(run.theirs)}
    figures = {"ours": [], "theirs": []}
    try:
        for round_number in range(run.size(6, 2)):
            for name, _ in run.programs(round_number):
                figures[name].append(measure(pair[name]))
    finally:
        for server in pair.values():
            server.stop()
    return figures["ours"][1:], figures["theirs"][1:]


def delivery(run, name, subscribers, subscription, per_message, batches, idle_patterns=0, ways=1):
    """CPU per message delivered, a publisher sending batches of 64 to so many subscribers, in so many ways to each;
    `per_message` is what one of them then gets, in bytes."""
    request = command("PUBLISH", "news", MESSAGE) * BATCH
    replies = len(f":{subscribers * ways}\r\n") * BATCH

    def measure(server):
        audience = Audience(server.port, subscribers, subscription)
        others = []
        if idle_patterns:
            patterns = [f"topic{number}:*" for number in range(idle_patterns)]
            others.append(Audience(server.port, 1, command("PSUBSCRIBE", *patterns)))
        publisher = socket.create_connection(("127.0.0.1", server.port))

        def work():
            for batch in range(1, batches + 1):
                exchange(publisher, request, replies)
                # Who is too slow would be disconnected.
                behind = 0 if batch == batches else MOST_BEHIND
                while batch * BATCH * subscribers * per_message - audience.received > behind:
                    if not audience.is_alive():
                        raise MeasurementError("a subscriber was disconnected")
                    time.sleep(0.0005)

        spent = user_time(server, work)
        for listeners in [audience] + others:
            listeners.stop()
        publisher.close()
        return spent / (batches * BATCH * subscribers * ways) * 1e9

    return Row(name, "ns", *in_turn(run, measure), Bar(ratio_at_most=0.70))


def publishing(run):
    channel = command("SUBSCRIBE", "news")
    encoded = len(f"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$64\r\n{MESSAGE}\r\n")
    what = "user CPU per delivered message, P=64"
    every = command("PSUBSCRIBE", *(f"n{'*' * number}ews" for number in range(1, 101)))
    by_pattern = sum(
        len(f"*4\r\n$8\r\npmessage\r\n${number + 4}\r\nn{'*' * number}ews\r\n$4\r\nnews\r\n$64\r\n{MESSAGE}\r\n")
        for number in range(1, 101))
    return [
        delivery(run, f"PUBLISH to 1 subscriber: {what}", 1, channel, encoded, run.size(6_000, 100)),
        delivery(run, f"PUBLISH to 100 subscribers: {what}", 100, channel, encoded, run.size(1_500, 10)),
        delivery(run, f"PUBLISH to 1 subscriber beside 1,000 patterns: {what}", 1, channel, encoded,
                 run.size(400, 10), idle_patterns=1_000),
        delivery(run, f"PUBLISH to 100 patterns of 1 subscriber: {what}", 1, every, by_pattern, run.size(200, 5),
                 ways=100),
    ]


def transaction(run, name, commands, replies):
    """CPU per command of a transaction, as many of them in a batch as make about 64 commands."""
    each = BATCH // len(commands(0))
    requests = [b"".join(b"".join(commands(number * each + index)) for index in range(each)) for number in range(200)]
    rounds = run.size(60, 2)

    def measure(server):
        connection = socket.create_connection(("127.0.0.1", server.port))
        for number in range(200 * each):
            exchange(connection, command("SET", f"key:{number:07}", "v" * 16), 5)

        def work():
            for _ in range(rounds):
                for request in requests:
                    exchange(connection, request, replies * each)

        spent = user_time(server, work)
        connection.close()
        return spent / (rounds * len(requests) * each * len(commands(0))) * 1e9

    return Row(f"{name}: user CPU per command, P=64", "ns", *in_turn(run, measure), Bar(ratio_at_most=0.75))


def transactions(run):
    def ten(number):
        sets = [command("SET", f"key:{(number * 10 + index) % 2_000:07}", "v" * 16) for index in range(10)]
        return [command("MULTI")] + sets + [command("EXEC")]

    def checked(number):
        key = f"key:{number:07}"
        return [command("WATCH", key), command("GET", key), command("MULTI"), command("SET", key, "v" * 16),
                command("EXEC")]

    ten_replies = len("+OK\r\n") + 10 * len("+QUEUED\r\n") + len("*10\r\n") + 10 * len("+OK\r\n")
    value = len("$16\r\n") + 16 + 2
    checked_replies = 3 * len("+OK\r\n") + value + len("+QUEUED\r\n") + len("*1\r\n")
    return [
        transaction(run, "MULTI + 10 SET + EXEC", ten, ten_replies),
        transaction(run, "WATCH + GET + MULTI + SET + EXEC", checked, checked_replies),
    ]
