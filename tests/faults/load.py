"""Clients that push and delete as fast as they can and remember what they were told, and the judge
who says whether what a restarted server shows can be true.

Each client has groups of its own and numbers its requests. A push sets three metrics of two families
to its number: a group that shows two numbers was torn. What is served of a client must be what its
first n requests made, for some n; and since the server took them in one after the other, there must
be one moment between those n requests and the rest for all clients at once.
"""

import http.client
import random
import threading
import time

from harness.exposition import samples

GROUPS = 5
JOB = "load"


class Request:
    """One request of a client: a push of `number` to a group, or its deletion."""

    __slots__ = ("group", "number", "sent", "answered", "answered_at")

    def __init__(self, group, number):
        self.group, self.number = group, number
        self.sent = time.monotonic()
        self.answered = self.answered_at = None  # monotonic and wall time


class Client(threading.Thread):
    """Sends requests until the server goes away or stop() is called."""

    def __init__(self, gateway, name, state, seed, deletes=0.1):
        super().__init__(daemon=True)
        self.gateway, self.name_label, self.deletes = gateway, name, deletes
        self.before = dict(state)
        self.requests = []
        self.unexpected = None
        self._random = random.Random(seed)
        self._first = max(state.values(), default=0) + 1
        self._stopped = threading.Event()

    def stop(self):
        self._stopped.set()
        self.join()

    def run(self):
        conn = http.client.HTTPConnection(self.gateway.host, self.gateway.port, timeout=60)
        try:
            while not self._stopped.is_set():
                self._send(conn)
        except (OSError, http.client.HTTPException):
            pass  # the server has gone; the last request has no answer
        finally:
            conn.close()

    def _send(self, conn):
        number = self._first + len(self.requests)
        group = self._random.randrange(GROUPS)
        path = f"/metrics/job/{JOB}/client/{self.name_label}/instance/{group}"
        if self._random.random() < self.deletes:
            method, body, wanted = "DELETE", None, 202
        else:
            method, body, wanted = self._random.choice(("PUT", "POST")), body_of(number), 200
        request = Request(group, number if body else None)
        self.requests.append(request)
        conn.request(method, path, body)
        reply = conn.getresponse()
        reply.read()
        if reply.status != wanted:
            self.unexpected = f"{method} {path}: {reply.status}"
            self._stopped.set()
            return
        request.answered, request.answered_at = time.monotonic(), time.time()

    @property
    def answered(self):
        return sum(request.answered is not None for request in self.requests)


def body_of(number):
    return f"# TYPE left gauge\nleft{{x=\"1\"}} {number}\nleft{{x=\"2\"}} {number}\nright {number}\n".encode()


class Load:
    """Several clients at once, each going on from what the server shows of it."""

    def __init__(self, gateway, seed, clients=4, deletes=0.1):
        shown = read_state(gateway)
        self.clients = [Client(gateway, str(i), shown.get(str(i), {}), f"{seed} {i}", deletes)
                        for i in range(clients)]
        for client in self.clients:
            client.start()

    def stop(self):
        """Lets each client end its request."""
        for client in self.clients:
            client.stop()

    def join(self):
        """Waits until the server has gone for all."""
        for client in self.clients:
            client.join()

    @property
    def answered(self):
        return sum(client.answered for client in self.clients)

    @property
    def sent(self):
        return sum(len(client.requests) for client in self.clients)


def read_state(gateway):
    """{client: {group: number}} as a gateway shows it; a torn group is an error."""
    found = {}
    for series, value in samples(gateway.get("/metrics").text).items():
        name, _, rest = series.partition("{")
        if name not in ("left", "right"):
            continue
        labels = dict(part.split("=", 1) for part in rest.rstrip("}").split(","))
        client, group = labels["client"].strip('"'), int(labels["instance"].strip('"'))
        found.setdefault(client, {}).setdefault(group, []).append(int(float(value)))
    for client, groups in found.items():
        for group, numbers in groups.items():
            assert len(numbers) == 3 and len(set(numbers)) == 1, f"torn: client {client}, group {group}: {numbers}"
            groups[group] = numbers[0]
    return found


def _lengths(client, state):
    """The n for which the client's first n requests make this state."""
    current = dict(client.before)
    fitting = [0] if current == state else []
    for n, request in enumerate(client.requests, 1):
        if request.number is None:
            current.pop(request.group, None)
        else:
            current[request.group] = request.number
        if current == state:
            fitting.append(n)
    return fitting


def judge(load, state, saved_at=None, keeps_all=False):
    """Fails unless the state is one that the server went through.

    `saved_at` is a wall time: what was answered before it must be there; with `keeps_all`, all that
    was answered. Returns how many requests the state is made of, and how many answered ones are lost.
    """
    latest_in, earliest_out, kept, lost = float("-inf"), float("inf"), 0, 0
    for client in load.clients:
        assert client.unexpected is None, client.unexpected
        fitting = _lengths(client, state.get(client.name_label, {}))
        where = f"client {client.name_label}: {state.get(client.name_label)}"
        assert fitting, f"{where}: no state it went through; {[(r.group, r.number) for r in client.requests[-20:]]}"
        most = fitting[-1]
        for request in client.requests[most:]:
            if request.answered is None:
                continue
            lost += 1
            assert not keeps_all, f"{where}: request {request.group, request.number} was answered and is lost"
            assert saved_at is None or request.answered_at > saved_at, \
                f"{where}: request {request.group, request.number} was answered {saved_at - request.answered_at} s " \
                "before a good save began and is lost"
        if fitting[0] > 0:
            latest_in = max(latest_in, client.requests[fitting[0] - 1].sent)
        if most < len(client.requests) and client.requests[most].answered is not None:
            earliest_out = min(earliest_out, client.requests[most].answered)
        kept += most
    assert latest_in <= earliest_out, "the clients' groups are of different moments"
    return kept, lost
