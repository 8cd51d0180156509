"""Celery with worker processes: results, retries, chains, groups, chords, remote control, and workers killed."""

import gc
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import APPLICATIONS, Workers, check, equal, eventually, main, raises  # noqa: E402


sys.path.insert(0, APPLICATIONS)


def celery(name):
    """A check of (server, tasks). The tasks are made when they are imported, and a session has one server."""
    def mark(function):
        @check(f"Celery: {name}")
        def run(server):
            os.environ["REDIS_PORT"] = str(server.port)
            import celery_tasks
            function(server, celery_tasks)
            # Results that nobody holds any more unsubscribe; later there would be no server.
            gc.collect()
        return run
    return mark


def start(workers, tasks, count=1, processes=2):
    """Starts worker processes and waits until they answer."""
    started = [workers.start("-m", "celery", "-A", "celery_tasks", "worker", "--loglevel", "INFO", "--hostname",
                             f"w{len(workers.processes)}@here", "--concurrency", str(processes), "--without-mingle")
               for _ in range(count)]
    for process in started:
        workers.ready(process, " ready.")
    return started


@celery("results, failures, retries, chains, groups and chords")
def tasks_and_results(server, tasks):
    from celery import chain, chord, group
    from celery.exceptions import ChordError
    with Workers(server) as workers:
        start(workers, tasks, count=2)
        equal(tasks.add.delay(2, 3).get(timeout=10), 5)
        results = [tasks.add.delay(number, number) for number in range(50)]
        equal([result.get(timeout=10) for result in results], list(range(0, 100, 2)))
        failed = tasks.fail.delay("what a pity")
        raises(ValueError, failed.get, timeout=10, text="what a pity")
        equal((failed.state, "ValueError" in failed.traceback), ("FAILURE", True))
        equal(tasks.flaky.delay("often", 3).get(timeout=10), 4)
        raises(ValueError, tasks.flaky.delay("too often", 9).get, timeout=10, text="try 4")
        equal(tasks.notes.get("tries:too often"), b"4")

        equal(chain(tasks.add.s(1, 2), tasks.add.s(3), tasks.add.s(4))().get(timeout=10), 10)
        equal(group(tasks.add.s(number, 1) for number in range(10))().get(timeout=10), list(range(1, 11)))
        saved = group(tasks.add.s(number, 2) for number in range(3))()
        saved.save()
        equal(tasks.app.GroupResult.restore(saved.id).get(timeout=10), [2, 3, 4])
        equal(chord(tasks.add.s(number, number) for number in range(40))(tasks.total.s()).get(timeout=20), 1560)
        several = [chord([tasks.add.s(number, 1), tasks.flaky.s(f"chord {number}", 1)])(tasks.total.s())
                   for number in range(5)]
        equal([result.get(timeout=20) for result in several], [3, 4, 5, 6, 7])
        nested = chain(tasks.add.s(1, 2), group(tasks.add.s(10), tasks.add.s(20)), tasks.total.s(), tasks.add.s(100))
        equal(nested().get(timeout=20), 136)
        broken = chord([tasks.add.s(1, 1), tasks.fail.s("one of them")])(tasks.total.s())
        raises(ValueError, broken.get, timeout=20, text="one of them")
        eventually(lambda: isinstance(broken.result, ChordError), "the chord's failure")
        chunks = tasks.add.chunks([(number, number) for number in range(20)], 5)()
        equal(chunks.get(timeout=20)[3], [30, 32, 34, 36, 38])
        result = tasks.add.apply_async((1, 1), priority=9)
        equal(result.get(timeout=10), 2)
        result.forget()
        equal(tasks.app.backend.client.exists(tasks.app.backend.get_key_for_task(result.id)), 0)


@celery("a task for later, one that expires, one that is revoked; workers tell about themselves")
def remote_control(server, tasks):
    with Workers(server) as workers:
        start(workers, tasks, count=2, processes=1)
        control = tasks.app.control
        begun = time.monotonic()
        later = tasks.add.apply_async((1, 1), countdown=1)
        expired = tasks.note.apply_async(("too late",), countdown=0.2, expires=0.1)
        equal(sorted(next(iter(answer)) for answer in control.ping(timeout=1)), ["w0@here", "w1@here"])
        long = tasks.hold.delay("long", 30)
        eventually(lambda: tasks.notes.llen("got") == 1, "the long task")
        active = [task["id"] for part in control.inspect(timeout=0.5).active().values() for task in part]
        equal(active, [long.id])
        long.revoke(terminate=True, signal="SIGKILL")
        eventually(lambda: long.state in ("REVOKED", "FAILURE"), "the end of the long task", seconds=10)
        doomed = tasks.note.apply_async(("revoked",), countdown=0.5)
        doomed.revoke()
        equal(later.get(timeout=10), 2)
        assert time.monotonic() - begun >= 1, "a task for later came too early"
        eventually(lambda: (expired.state, doomed.state) == ("REVOKED", "REVOKED"), "both ends", seconds=10)
        equal(tasks.notes.exists("too late", "revoked", "done"), 0)
        tasks.app.control.purge()


@celery("processes are killed in the middle of tasks, and whole workers are; every task is done")
def killed(server, tasks):
    with Workers(server) as workers:
        first, second = start(workers, tasks, count=2)
        jobs = [f"job-{number}" for number in range(24)]
        results = [tasks.hold.delay(job) for job in jobs]
        victims = []
        for _ in range(4):
            # The one that begins next dies in the middle.
            seen = tasks.notes.llen("got")
            eventually(lambda: tasks.notes.llen("got") > seen, "the next task", seconds=10)
            job, process = tasks.notes.lindex("got", -1).split()
            os.kill(int(process), signal.SIGKILL)
            victims.append(job)
        seen = tasks.notes.llen("got")
        eventually(lambda: tasks.notes.llen("got") > seen, "the next task", seconds=10)
        workers.kill(second)
        time.sleep(tasks.VISIBILITY)
        start(workers, tasks)
        equal([result.get(timeout=20) for result in results], jobs)
        equal(tasks.notes.scard("done"), len(jobs))
        got = [line.split()[0] for line in tasks.notes.lrange("got", 0, -1)]
        assert all(got.count(victim) > 1 for victim in victims), "a killed task was not given out again"
        eventually(lambda: server.call("HLEN", "unacked") == 0, "the last acknowledgement")


if __name__ == "__main__":
    # A result that outlives the session wants to unsubscribe from a server that has ended.
    sys.unraisablehook = lambda _: None
    main()
