"""A client of the SCIM API inside a network namespace.

client.py once SOURCE URL [TOKEN]         prints the status, or `refused`
client.py traffic URL TOKEN SOURCE...     requests without end from every source, on one connection
                                          that is kept and on new ones; for each line on standard
                                          input it prints `served` once every loop has had another
                                          answer, and at the end of input what went wrong
"""

import http.client
import socket
import sys
import threading
from urllib.parse import urlsplit

SECONDS = 30


def connect(source, url):
    host, port = urlsplit(url).hostname, urlsplit(url).port
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS, source_address=(source, 0))
    connection.connect()
    return connection


def ask(connection, url, token):
    headers = {"Authorization": "Bearer " + token} if token else {}
    path = urlsplit(url).path
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def once(source, url, token=""):
    try:
        print(ask(connect(source, url), url, token))
    except (ConnectionRefusedError, ConnectionResetError):
        print("refused")


class Loop(threading.Thread):
    """Requests from one address; `answers` counts what came back well."""

    def __init__(self, source, url, token, keep):
        super().__init__(daemon=True)
        self.source, self.url, self.token, self.keep = source, url, token, keep
        self.answers, self.failure = 0, None
        self.changed = threading.Condition()

    def run(self):
        kept = None
        try:
            while True:
                if kept is None or not self.keep:
                    kept = connect(self.source, self.url)
                # A connection that http.client would open again behind our back has no socket.
                if kept.sock is None:
                    raise ConnectionError("the kept connection was closed")
                status = ask(kept, self.url, self.token)
                if status != 200:
                    raise ConnectionError(f"status {status}")
                if not self.keep:
                    kept.close()
                self.tell(None)
        except OSError as error:
            kind = "kept" if self.keep else "new"
            self.tell(f"{kind} connection from {self.source}: {error!r}")
        except http.client.HTTPException as error:
            self.tell(f"{self.source}: {error!r}")

    def tell(self, failure):
        with self.changed:
            self.answers += 1 if failure is None else 0
            self.failure = failure
            self.changed.notify_all()

    def await_another(self):
        with self.changed:
            # The one under way may have been asked before.
            wanted = self.answers + 2
            self.changed.wait_for(lambda: self.failure or self.answers >= wanted, SECONDS)
            return self.failure or (None if self.answers >= wanted else f"{self.source}: silence")


def traffic(url, token, *sources):
    v6 = ":" in urlsplit(url).hostname
    mine = [source for source in sources if (":" in source) == v6]
    loops = [Loop(source, url, token, keep) for source in mine for keep in (True, False)]
    for loop in loops:
        loop.start()
    failed = []
    for _ in sys.stdin:
        failed = [failure for loop in loops if (failure := loop.await_another())]
        print("served" if not failed else "; ".join(failed), flush=True)


if __name__ == "__main__":
    {"once": once, "traffic": traffic}[sys.argv[1]](*sys.argv[2:])
