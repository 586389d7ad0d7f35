"""Merges and undoes two customers with 100,000 events each, again and again, with and without writes beside it.

    merges.py URL WRITE_KEY AGENT_KEY SECONDS   prints "merge MS undo MS alone MS beside MS", each the 99th percentile
"""

import base64
import http.client
import json
import sys
import threading
import time
import urllib.parse

EVENTS, BATCH, ROUNDS = 100_000, 500, 100
url, write_key, agent_key, seconds = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
WRITER = {"Authorization": "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()}
AGENT = {"Authorization": f"Bearer {agent_key}"}


def connect():
    return http.client.HTTPConnection(url.hostname, url.port, timeout=60)


def ask(connection, path, body, proof):
    """The answer and how long it took, in milliseconds."""
    start = time.perf_counter()
    connection.request("POST", path, json.dumps(body), proof)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, (path, answer.status, text[:300])
    return json.loads(text), (time.perf_counter() - start) * 1000


def p99(times):
    return sorted(times)[int(len(times) * 0.99)]


def event(user, number):
    return {"type": "track", "userId": user, "messageId": f"{user}-{number}", "event": "Seen", "properties": {"n": number}}


def fill(connection, user):
    for start in range(0, EVENTS, BATCH):
        ask(connection, "/v1/batch", {"batch": [event(user, number) for number in range(start, start + BATCH)]}, WRITER)


def write(until, times):
    """One write after another, with a pause as between two customers' clicks."""
    connection, number = connect(), 0
    while not until():
        number += 1
        single = {key: value for key, value in event(f"other-{threading.get_ident()}", number).items() if key != "type"}
        times.append(ask(connection, "/v1/track", single, WRITER)[1])
        time.sleep(0.002)


def merge(connection, merges, undoes):
    merged, took = ask(connection, "/v1/customers/user_id:ann/merges", {"with": "user_id:bob", "reason": "one"}, AGENT)
    merges.append(took)
    undoes.append(ask(connection, f"/v1/merges/{merged['id']}/undo", {"reason": "two"}, AGENT)[1])


connection = connect()
for user in ("ann", "bob"):
    fill(connection, user)
merges, undoes, alone, beside = [], [], [], []
for _ in range(ROUNDS):
    merge(connection, merges, undoes)
end = time.monotonic() + seconds
write(lambda: time.monotonic() > end, alone)
done = threading.Event()
writer = threading.Thread(target=write, args=(done.is_set, beside))
writer.start()
end = time.monotonic() + seconds
while time.monotonic() < end:
    merge(connection, [], [])
    time.sleep(0.01)
done.set()
writer.join()
print("merge %.2f undo %.2f alone %.2f beside %.2f" % tuple(map(p99, (merges, undoes, alone, beside))))
