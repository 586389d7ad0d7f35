"""Searches among the customers whom events.lua makes (Anna Petrova 17, u17@example.com, +7916…), one after another.

    searches.py URL KEY CUSTOMERS SECONDS   prints a line a kind: its name, p50 and p99 in milliseconds
"""

import http.client
import json
import random
import sys
import time
import urllib.parse

url, key, customers, seconds = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
KINDS = {
    "first_name": lambda n: "Anna",
    "whole_name": lambda n: f"Petrova {n}",
    "beginning": lambda n: f"Petr {n}",
    "mistake": lambda n: f"Petrva {n}",
    "script": lambda n: f"Петрова {n}",
    "email": lambda n: f"u{n}@example.com",
    "digits": lambda n: f"{n % 10_000:04d}",
    "name_and_digits": lambda n: f"Anna {n % 10_000:04d}",
}
connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
dice = random.Random(1)


def search(words):
    start = time.perf_counter()
    connection.request("GET", "/v1/customers?" + urllib.parse.urlencode({"q": words}), None, {"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text[:300]
    return json.loads(text)["data"], (time.perf_counter() - start) * 1000


for kind, words in KINDS.items():
    found, times = 0, []
    # The first seconds are for the memory of pages, as after a morning's work.
    for measures in False, True:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data, took = search(words(dice.randrange(1, customers + 1)))
            found += bool(data)
            if measures:
                times.append(took)
    assert found, f"nothing was found by {kind}"
    times.sort()
    print(kind, "%.2f %.2f" % (times[len(times) // 2], times[int(len(times) * 0.99)]))
