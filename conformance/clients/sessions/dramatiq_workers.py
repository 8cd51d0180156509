"""Dramatiq with worker processes: results, retries, delays, pipelines, groups, rate limits, and workers killed."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import APPLICATIONS, Workers, check, equal, eventually, main, raises  # noqa: E402

sys.path.insert(0, APPLICATIONS)


def actors(server):
    """The actors, for this server; they are made when they are imported, and a session has one server."""
    os.environ["REDIS_PORT"] = str(server.port)
    import dramatiq_actors
    return dramatiq_actors


def start(workers, count=1, processes=1, threads=4):
    return [workers.start("-m", "dramatiq", "dramatiq_actors", "--processes", str(processes), "--threads", str(threads),
                          "--skip-logging") for _ in range(count)]


@check("Dramatiq: results, retries, delays, pipelines, groups and queues")
def messages_and_results(server):
    app = actors(server)
    from dramatiq import group, pipeline
    from dramatiq.results import ResultFailure
    with Workers(server) as workers:
        start(workers, count=2)
        begun = time.monotonic()
        later = app.add.send_with_options(args=(1, 1), delay=1_000)
        equal(app.add.send(2, 3).get_result(block=True, timeout=20_000), 5)
        sent = [app.add.send(number, number) for number in range(100)]
        equal([message.get_result(block=True, timeout=10_000) for message in sent], list(range(0, 200, 2)))
        flaky = [app.flaky.send(f"often {number}", number) for number in range(4)]
        eventually(lambda: [app.notes.get(f"tries:often {number}") for number in range(4)] == [b"1", b"2", b"3", b"4"],
                   "all tries")
        eventually(lambda: len(dead(app)) == 0 and app.broker.do_qsize("default") == 1, "an empty queue, but for one")
        equal([message.get_result(block=True, timeout=5_000) for message in flaky], [1, 2, 3, 4])
        failed = app.fail.send("what a pity")
        raises(ResultFailure, failed.get_result, block=True, timeout=5_000, text="what a pity")
        eventually(lambda: len(dead(app)) == 1, "the dead message")

        line = pipeline([app.add.message(1, 2), app.add.message(3), app.add.message(4)]).run()
        equal(line.get_result(block=True, timeout=5_000), 10)
        equal(list(line.get_results(block=True)), [3, 6, 10])
        together = group([app.add.message(number, 1) for number in range(20)])
        together.add_completion_callback(app.note.message("all done"))
        equal(list(together.run().get_results(block=True, timeout=5_000)), list(range(1, 21)))
        eventually(lambda: app.notes.lrange("notes", 0, -1) == [b"all done"], "the callback")
        equal(later.get_result(block=True, timeout=5_000), 2)
        assert time.monotonic() - begun >= 1, "a delayed message came too early"
        for queue in ("default", "other"):
            app.broker.join(queue, timeout=5_000)
        for process in workers.processes:
            process.terminate()
        equal([process.wait(15) for process in workers.processes], [0, 0])


def dead(app):
    return app.notes.zrange("dramatiq:default.XQ", 0, -1)


def tried(app, kind):
    """How many asked a limiter, whatever it said."""
    return sum(int(count or 0) for count in app.notes.mget(f"limited:{kind}:True", f"limited:{kind}:False"))


@check("Dramatiq: rate limits hold across processes")
def rate_limits(server):
    app = actors(server)
    with Workers(server) as workers:
        start(workers, processes=2)
        for number in range(10):
            app.limited.send("window", number)
            app.limited.send("bucket", number)
        eventually(lambda: tried(app, "window") == tried(app, "bucket") == 10, "all messages", seconds=10)
        equal([app.notes.get(f"limited:{kind}:True") for kind in ("window", "bucket")], [b"4", b"3"])
        for number in range(40):
            app.limited.send("concurrent", number)
        eventually(lambda: tried(app, "concurrent") == 40, "all messages", seconds=10)
        assert int(app.notes.get("limited:concurrent:True")) >= 2, "nobody got in"
        equal(app.notes.zrange("at once:concurrent", -1, -1), [b"2"])


@check("Dramatiq: workers are killed in the middle of messages, again and again; every message is done")
def killed(server):
    app = actors(server)
    with Workers(server) as workers:
        living = start(workers, count=3, threads=2)
        jobs = [f"job-{number}" for number in range(40)]
        for job in jobs:
            app.hold.send(job, 0.1)
        for _ in range(3):
            seen = app.notes.llen("got")
            eventually(lambda: app.notes.llen("got") > seen, "the next message", seconds=10)
            # The process that works is a child of the one that was started.
            worker = int(app.notes.lindex("got", -1).split()[1])
            victim = next(process for process in living if os.getpgid(worker) == process.pid)
            workers.kill(victim)
            living.remove(victim)
            living += start(workers, threads=2)
        eventually(lambda: app.notes.scard("done") == len(jobs), "the end of all messages", seconds=20)
        eventually(lambda: app.broker.do_qsize("default") == 0, "the last acknowledgement")
        got = [line.split()[0] for line in app.notes.lrange("got", 0, -1)]
        assert len(got) > len(jobs), "nobody died in the middle of work"


if __name__ == "__main__":
    main()
