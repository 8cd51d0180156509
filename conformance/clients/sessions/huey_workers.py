"""Huey with consumer processes, on each of its four kinds of storage in Redis."""

import functools
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import APPLICATIONS, Workers, check, equal, eventually, main, raises  # noqa: E402

import redis  # noqa: E402

sys.path.insert(0, APPLICATIONS)


def huey(name, *kinds):
    """A check of (server, application, start) for each kind of storage."""
    def mark(function):
        for kind in kinds:
            check(f"Huey, {kind} storage: {name}")(functools.partial(run_with, function, kind))
        return function
    return mark


def run_with(function, kind, server):
    os.environ.update(REDIS_PORT=str(server.port), HUEY=kind)
    from huey_tasks import application
    with Workers(server) as workers:
        def start(count=1, processes=2):
            started = [workers.start("-m", "huey.bin.huey_consumer", "huey_tasks.huey", "--workers", str(processes),
                                     "--worker-type", "process", "--delay", "0.02", "--max-delay", "0.1",
                                     "--health-check-interval", "0.1") for _ in range(count)]
            for process in started:
                workers.ready(process, "Scheduler runs")
            return started
        function(redis.Redis(port=server.port), application(kind), start, workers)


@huey("results, retries, pipelines, groups, chords, locks and limits",
      "simple", "expire", "priority", "priority_expire")
def tasks_and_results(client, app, start, workers):
    from huey.exceptions import TaskException
    # Two seconds pass before the scheduler has looked twice; much else happens meanwhile.
    start()
    later = app.add.schedule((1, 1), delay=1)
    revoked = app.note.schedule(("revoked",), delay=1)
    revoked.revoke()
    equal(app.add(2, 3).get(blocking=True, timeout=10), 5)
    results = [app.add(number, number) for number in range(40)]
    equal([result.get(blocking=True, timeout=10) for result in results], list(range(0, 80, 2)))
    equal([result.get(blocking=True, timeout=10) for result in app.add.map([(1, 1), (2, 2)])], [2, 4])
    flaky = app.flaky("often", 3)
    # Each failure is a result until the next try has another.
    eventually(lambda: client.get("tries:often") == b"4", "all tries")
    time.sleep(0.1)
    equal(flaky.get(blocking=True, timeout=10), 4)
    failed = app.flaky("too often", 9)
    eventually(lambda: client.get("tries:too often") == b"4", "all tries")
    time.sleep(0.1)
    raises(TaskException, failed.get, blocking=True, timeout=10, text="try 4")
    chain = app.add.s(1, 2).then(app.add, 3).then(app.add, 4)
    equal([result for result in app.enqueue(chain).get(blocking=True, timeout=10)], [3, 6, 10])
    from huey.api import chord, group
    equal(sorted(app.enqueue(group([app.add.s(number, 1) for number in range(5)])).get(blocking=True, timeout=10)),
          [1, 2, 3, 4, 5])
    summed = app.enqueue(chord([app.add.s(number, number) for number in range(10)], app.total.s()))
    equal(summed.get(blocking=True, timeout=10), 90)
    equal(sorted([result.get(blocking=True, timeout=10) for result in [app.alone(0.3), app.alone(0.3)]]), [False, True])
    # Two that begin a window at the same time may each count from one: Huey reads it first and sets it then.
    app.limited()
    eventually(lambda: client.get("limited") == b"1", "the first")
    for _ in range(4):
        app.limited()
    eventually(lambda: app.pending_count() == 0 and client.get("limited") == b"3", "what is not too much")
    equal(later.get(blocking=True, timeout=10), 2)
    eventually(lambda: int(client.get("ticks") or 0) >= 1, "the periodic task")
    eventually(lambda: (app.pending_count(), app.scheduled_count()) == (0, 0), "the end of all tasks")
    equal(client.llen("notes"), 0)


@huey("the urgent first", "priority", "priority_expire")
def priorities(client, app, start, workers):
    for number in (3, 1, 2, 5, 4):
        app.note(f"priority {number}", priority=number)
    app.note("none")
    equal(app.pending_count(), 6)
    start(processes=1)
    eventually(lambda: client.llen("notes") == 6, "all notes", seconds=10)
    equal(client.lrange("notes", 0, -1),
          [b"priority 5", b"priority 4", b"priority 3", b"priority 2", b"priority 1", b"none"])


@huey("processes and consumers are killed: nothing is done twice, only what they had in hand is lost",
      "simple", "priority")
def killed(client, app, start, workers):
    first, second = start(count=2)
    jobs = [f"job-{number}" for number in range(40)]
    for job in jobs:
        app.hold(job, 0.1)
    for turn in range(6):
        seen = client.llen("got")
        eventually(lambda: client.llen("got") > seen, "the next task")
        if turn == 5:
            workers.kill(first)
        else:
            try:
                os.kill(int(client.lindex("got", -1).split()[1]), signal.SIGKILL)
            except ProcessLookupError:
                pass
    start()
    eventually(lambda: app.pending_count() == 0, "the last task", seconds=20)
    time.sleep(0.3)
    done = [job.decode() for job in client.lrange("done", 0, -1)]
    got = [line.decode().split()[0] for line in client.lrange("got", 0, -1)]
    equal(len(set(done)), len(done), "tasks done once")
    equal(sorted(set(got)), sorted(got), "tasks got once")
    lost = set(jobs) - set(done)
    # Huey takes a task off its list when it begins: at most one for each process that died.
    assert 0 < len(lost) <= 8, f"{len(lost)} of {len(jobs)} tasks are lost"
    unknown = lost - set(got)
    assert len(unknown) <= 8, unknown


if __name__ == "__main__":
    main()
