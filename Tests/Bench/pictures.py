"""Gives Throughline and PocketBase the same customers, each with a profile and 50 events.

    pictures.py URL WRITE_KEY POCKETBASE_URL CUSTOMERS

PocketBase has them as records of `customers`, and their events as records of `history` that point to them: one request
answers both, as ours does.
"""

import base64
import http.client
import json
import sys
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

ours, write_key, theirs, customers = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
EVENTS = 50
ADMIN = {"identity": "bench@example.com", "password": "bench-password"}


class Line:
    """One connection that stays open."""

    def __init__(self, url, **headers):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.headers = {"Content-Type": "application/json", **headers}

    def post(self, path, body):
        self.connection.request("POST", path, json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (path, answer.status, text[:300])
        return json.loads(text)


def profile(n):
    return {"email": f"u{n}@example.com", "phone": f"+7916{n:07d}", "firstName": "Anna", "lastName": f"Petrova {n}", "city": "Moscow"}


def event(n, k):
    properties = {"sku": f"SKU-{k}", "name": "Running shoe", "price": 129.9, "currency": "RUB", "about": "soft light quick " * 20}
    return {"event": "Product Viewed", "timestamp": f"2026-01-{1 + k % 28:02}T10:{k:02}:00.000Z", "properties": properties}


token = Line(theirs).post("/api/collections/_superusers/auth-with-password", ADMIN)["token"]
admin = Line(theirs, Authorization=token)
open_to_all = {"type": "base", "createRule": "", "viewRule": "", "listRule": ""}
texts = [{"name": name, "type": "text"} for name in profile(1)]
made = admin.post("/api/collections", {"name": "customers", **open_to_all, "fields": texts})
admin.post("/api/collections", {
    "name": "history", **open_to_all, "indexes": ["CREATE INDEX history_customer ON history (customer, timestamp)"],
    "fields": [{"name": "customer", "type": "relation", "collectionId": made["id"], "maxSelect": 1},
               {"name": "event", "type": "text"}, {"name": "timestamp", "type": "date"}, {"name": "properties", "type": "json"}]})


def fill(share):
    proof = "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()
    here, there = Line(ours, Authorization=proof), Line(theirs)
    for n in share:
        batch = [{"type": "identify", "userId": f"u{n}", "traits": profile(n)}]
        batch += [{"type": "track", "userId": f"u{n}", **event(n, k)} for k in range(EVENTS)]
        assert all(one["status"] == "accepted" for one in here.post("/v1/batch", {"batch": batch})["results"])
        there.post("/api/collections/customers/records", {"id": f"u{n:014d}", **profile(n)})
        for k in range(EVENTS):
            there.post("/api/collections/history/records", {"customer": f"u{n:014d}", **event(n, k)})


with ThreadPoolExecutor(8) as pool:
    list(pool.map(fill, [range(1 + k, customers + 1, 8) for k in range(8)]))
