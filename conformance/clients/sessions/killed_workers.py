"""Workers that are killed in the middle of their work, again and again: nothing is lost, nothing is with two at once.

What the workers do is seen from outside: each appends a line to a file of its own when it has got a job and when it is
done with it, by the machine's one clock. A line outlives its writer. The supervisor notes when it killed whom. A job is
with a worker from the first line to the second, or to the worker's death; these times must never overlap.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, equal, eventually, main  # noqa: E402

import redis  # noqa: E402

DEATHS = 12
WAITING = 60  # Jobs that are to be waiting while workers die.
WORKERS = 4
IDLE = 1_000  # Milliseconds after which a stream's entry counts as left behind: far more than any job takes.


# ---------------------------------------------------------------------------------------------------------- workers

class Diary:
    """What one worker did, and when."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, what, job):
        os.write(self.file, f"{time.monotonic()} {what} {job.decode()}\n".encode())

    def work_on(self, job):
        self.note("got", job)
        time.sleep(random.uniform(0, 0.01))
        self.note("done", job)


def stream_worker(client, name, diary):
    """A group's reader that also takes over what others left behind."""
    while True:
        entries = client.xautoclaim("jobs", "workers", name, IDLE, "0-0", count=3)[1]
        if not entries:
            reply = client.execute_command(
                "XREADGROUP", "GROUP", "workers", name, "COUNT", 3, "BLOCK", 200, "STREAMS", "jobs", ">")
            entries = entries_of(reply)
        for entry, fields in entries:
            diary.work_on(fields[b"body"])
            client.pipeline().sadd("done", fields[b"body"]).xack("jobs", "workers", entry).execute()


def entries_of(reply):
    for _, part in reply.items() if isinstance(reply, dict) else reply or []:
        for entry in part[0] if part and isinstance(part[0], list) else part:
            yield tuple(entry)


def list_worker(client, name, diary):
    """Moves a job into a list of its own before it works on it, and removes it from there when it is done."""
    mine = f"working:{name}"
    while True:
        job = client.blmove("jobs", mine, 0.2, "RIGHT", "LEFT")
        if job is not None:
            diary.work_on(job)
            client.pipeline().sadd("done", job).lrem(mine, 1, job).execute()


def old_list_worker(client, name, diary):
    """The same with the command that was there before BLMOVE."""
    mine = f"working:{name}"
    while True:
        job = client.brpoplpush("jobs", mine, timeout=1)
        if job is not None:
            diary.work_on(job)
            client.pipeline().sadd("done", job).lrem(mine, 1, job).execute()


def set_worker(client, name, diary):
    """Takes the most urgent job under WATCH, and notes in the same transaction who has it."""
    while True:
        with client.pipeline() as pipe:
            try:
                pipe.watch("jobs")
                first = pipe.zrange("jobs", 0, 0)
                if not first:
                    time.sleep(0.005)
                    continue
                pipe.multi()
                pipe.zrem("jobs", first[0]).hset("working", first[0], name)
                pipe.execute()
            except redis.WatchError:
                continue
        diary.work_on(first[0])
        client.pipeline().sadd("done", first[0]).hdel("working", first[0]).execute()


WORK = {function.__name__: function for function in (stream_worker, list_worker, old_list_worker, set_worker)}


# ------------------------------------------------------------------------------------------------------- supervisor

class Team:
    """Worker processes, their diaries, and when they died."""

    def __init__(self, server, work, protocol):
        self.directory = tempfile.TemporaryDirectory(prefix="workers-")
        self.words = [sys.executable, "-Wignore", os.path.abspath(__file__), "--worker", work,
                      str(server.port), str(protocol), self.directory.name]
        self.living, self.deaths = {}, {}

    def __enter__(self):
        for _ in range(WORKERS):
            self.hire()
        return self

    def hire(self):
        name = f"worker{len(self.living) + len(self.deaths)}"
        self.living[name] = subprocess.Popen([*self.words, name], stderr=subprocess.PIPE)

    def at_work(self):
        """The names of the living who have begun to work."""
        return [name for name in self.living if self.diary(name)]

    def diary(self, name):
        path = os.path.join(self.directory.name, name)
        return open(path).read().splitlines() if os.path.exists(path) else []

    def kill(self, name):
        """Ends a worker at a moment that it does not choose."""
        process = self.living.pop(name)
        equal(process.poll(), None, "a worker ended by itself")
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        self.deaths[name] = time.monotonic()

    def periods(self):
        """For each job the times for which it was with a worker: (from, to, worker)."""
        found = {}
        for name in [*self.deaths, *self.living]:
            begun = {}
            for moment, what, job in (line.split() for line in self.diary(name)):
                if what == "got":
                    begun[job] = float(moment)
                else:
                    found.setdefault(job, []).append((begun.pop(job), float(moment), name))
            for job, moment in begun.items():
                found.setdefault(job, []).append((moment, self.deaths.get(name, float("inf")), name))
        return {job: sorted(periods) for job, periods in found.items()}

    def __exit__(self, *_):
        for process in self.living.values():
            process.kill()
            process.wait()
            process.stderr.close()
        self.directory.cleanup()


def put_to_work(server, work, protocol, put, bring_back):
    """Kills workers until so many have died, brings back what they had, and checks the diaries in the end."""
    client = redis.Redis(port=server.port, protocol=protocol)
    random.seed(1)
    jobs = 0
    with Team(server, work, protocol) as team:
        deadline = time.monotonic() + 60
        while len(team.deaths) < DEATHS:
            assert time.monotonic() < deadline, f"only {len(team.deaths)} workers have come to work and died"
            while jobs < client.scard("done") + WAITING:
                put(client, f"job-{jobs}")
                jobs += 1
            time.sleep(random.uniform(0, 0.02))
            for name in team.at_work()[:1]:
                team.kill(name)
                team.hire()
                bring_back(client, name)
        eventually(lambda: client.scard("done") == jobs, f"the end of {jobs} jobs", seconds=15)
        # Who is done with the last job says so last of all.
        eventually(lambda: not left_over(client), "the last acknowledgement")
        for process in team.living.values():
            equal(process.poll(), None, "a worker ended by itself")
        check_diaries(team, jobs)
    client.close()


def check_diaries(team, jobs):
    periods = team.periods()
    equal(sorted(periods), sorted(f"job-{number}" for number in range(jobs)), "jobs in the diaries")
    again = 0
    for job, times in periods.items():
        again += len(times) - 1
        for (_, end, first), (start, _, second) in zip(times, times[1:]):
            assert end <= start, f"{job} was with {first} until {end} and with {second} from {start}"
    # Some die between two jobs; most have one in their hands.
    assert DEATHS // 3 <= again <= DEATHS, f"{again} jobs were done again for {DEATHS} deaths"


def left_over(client):
    """Jobs that somebody still has, whatever kind of queue it is."""
    kind = client.type("jobs")
    pending = client.xpending("jobs", "workers")["pending"] if kind == b"stream" else 0
    return pending or list(client.scan_iter("working*")) or (kind not in (b"stream", b"none"))


def put_into_stream(client, job):
    if job == "job-0":
        client.xgroup_create("jobs", "workers", "0", mkstream=True)
    client.xadd("jobs", {"body": job})


def bring_back_list(client, name):
    while client.lmove(f"working:{name}", "jobs", "LEFT", "RIGHT") is not None:
        pass


def bring_back_members(client, name):
    for job, owner in client.hgetall("working").items():
        if owner == name.encode():
            client.pipeline().hdel("working", job).zadd("jobs", {job: 0}).execute()


def crash_test(name, work, put, bring_back, protocol):
    check(f"RESP{protocol}: {name}: nothing is lost, nothing is with two at once")(
        lambda server: put_to_work(server, work, protocol, put, bring_back))


def put_into_list(client, job):
    client.lpush("jobs", job)


for protocol in (2, 3):
    crash_test("a stream's group, with XAUTOCLAIM", "stream_worker", put_into_stream, lambda *_: None, protocol)
    crash_test("lists, with BLMOVE", "list_worker", put_into_list, bring_back_list, protocol)
crash_test("lists, with BRPOPLPUSH", "old_list_worker", put_into_list, bring_back_list, 2)
crash_test("a sorted set, with WATCH", "set_worker", lambda client, job: client.zadd("jobs", {job: 1}),
           bring_back_members, 3)

if __name__ == "__main__":
    if sys.argv[1] == "--worker":
        _, _, kind, port, protocol, directory, name = sys.argv
        WORK[kind](redis.Redis(port=int(port), protocol=int(protocol)), name, Diary(os.path.join(directory, name)))
    sys.exit(main())
