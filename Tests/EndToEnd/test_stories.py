"""Stories of a shop, told by a client that knows what the README and /openapi.json say and nothing else.

One key is made by the command line, the owner's; everything after that goes over REST. Every request and every answer is
held to the document that the server serves.
"""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request

from contract import Contract
from server import Answer, ServerTest


class Shop:
    """The smallest client: a key, a path, JSON."""

    def __init__(self, url, key):
        self.url, self.key = url, key
        self.contract = None
        self.contract = Contract(self.ask("GET", "/openapi.json").json)

    def ask(self, method, path, body=None, key=None, **headers):
        if body is not None:
            headers["Content-Type"] = "application/json"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("Authorization", f"Bearer {key or self.key}")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                taken = Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                taken = Answer(refused.code, refused.headers, refused.read())
        if self.contract:
            self.contract.check(method, path, body, taken)
        return taken

    def good(self, *words, **options):
        answer = self.ask(*words, **options)
        assert answer.status < 300, answer.body
        return answer.json if answer.body else None

    def source(self, name, **document):
        """Makes a source and returns its write key."""
        self.good("PUT", f"/v1/documents/source/{name}", {"name": name, **document})
        return self.good("POST", "/v1/keys", {"role": "source", "source": name})["key"]

    def hand_out(self, role, name):
        return self.good("POST", "/v1/keys", {"role": role, "name": name})["key"]

    def send(self, write_key, kind, **event):
        """An event, by a source's write key; what became of it."""
        proof = "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()
        return self.good("POST", f"/v1/{kind}", event, Authorization=proof)["results"][0]

    def customer(self, name, key=None):
        return self.good("GET", "/v1/customers/" + urllib.parse.quote(name, safe=""), key=key)

    def every(self, path, key=None):
        """Every row of a list, newest first or by name, page by page."""
        rows, cursor = [], None
        while True:
            page = self.good("GET", path + (f"?limit=10&cursor={cursor}" if cursor else "?limit=10"), key=key)
            rows += page["data"]
            cursor = page["next"] and urllib.parse.quote(page["next"])
            if not cursor:
                return rows

    def finished(self, job, key=None):
        end = time.monotonic() + 60
        while (now := self.good("GET", f"/v1/jobs/{job}", key=key))["state"] in ("queued", "running"):
            assert time.monotonic() < end, now
            time.sleep(0.1)
        return now


class StoryTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.server_process = self.server()
        self.shop = Shop(self.server_process.url, self.server_process.key("owner", name="olga"))
        self.agent = self.shop.hand_out("agent", "ann")
        self.front = self.shop.hand_out("storefront", "site")


class PetrsRoad(StoryTest):
    """One customer at the end, each tie with its proof, one timeline in order, the first touch the ad's, nothing that is
    known asked twice."""

    def test_from_the_ad_to_the_office(self):
        shop = self.shop
        page = shop.source("page", channel="web")
        site = shop.source("site", channel="site", trust="verified")
        phone = shop.source("exchange", channel="phone", trust="verified", proves=["phone"])
        chat = shop.source("whatsapp", channel="chat", trust="verified", proves=["whatsapp", "phone"])
        office = shop.source("office", channel="store", trust="verified", proves=["user_id", "phone"])
        shop.good("PUT", "/v1/documents/computed-trait/firstSource", {
            "name": "firstSource", "function": "first", "type": "page", "property": "/context/campaign/source"})
        number = "+79161234567"
        caller, writer = {"type": "phone", "id": number}, {"type": "whatsapp", "id": "79161234567"}

        at = iter(f"2026-03-0{day}T09:00:00.000Z" for day in range(1, 8))
        campaign = {"name": "spring", "source": "yandex", "medium": "cpc"}
        shop.send(page, "page", anonymousId="b-1", name="Boilers", timestamp=next(at),
                  context={"campaign": campaign, "page": {"url": "https://shop.test/?utm_source=yandex"}})
        lead = shop.send(site, "identify", userId="lead-17", anonymousId="b-1", timestamp=next(at),
                         traits={"name": "Petr Orlov", "phone": "8 916 123-45-67", "address": {"country": "RU"}})
        call = shop.send(phone, "track", anonymousId="call-1", event="Call Received", timestamp=next(at), properties={"seconds": 184},
                         context={"externalIds": [caller]})
        # What he said in the form is no proof that the number is his; the call is one that somebody has it.
        self.assertEqual(call["outcome"], "created")
        thread = shop.send(chat, "track", anonymousId="thread-1", event="Message Received", timestamp=next(at), properties={"text": "and the price?"},
                           context={"externalIds": [writer, caller]})
        self.assertEqual(thread["customer"], call["customer"])
        contract = shop.send(office, "track", userId="lead-17", event="Contract Signed", timestamp=next(at),
                             properties={"contract": "C-9"}, context={"externalIds": [caller]})
        self.assertEqual(contract["outcome"], "merged")
        letters = [{"purpose": "marketing", "channel": channel, "state": "granted", "proof": {"contract": "C-9"}}
                   for channel in ("email", "sms", "push")]
        shop.good("PUT", "/v1/customers/user_id:lead-17/consents", letters, key=self.agent)

        names = [lead["customer"], call["customer"], "user_id:lead-17", f"phone:{number}", "anonymous_id:b-1", "whatsapp:79161234567"]
        (petr,) = {shop.customer(name)["id"] for name in names}
        picture = shop.customer(petr, self.agent)
        self.assertEqual(picture["traits"]["firstSource"]["value"], "yandex")
        self.assertEqual(picture["traits"]["name"]["value"], "Petr Orlov")
        self.assertEqual({one["channel"] for one in picture["consents"] if one["state"] == "granted"}, {"email", "sms", "push"})
        events = shop.every(f"/v1/customers/{petr}/timeline", self.agent)
        self.assertEqual([event.get("event") or event.get("name") or event["type"] for event in events], [
            "consent", "Contract Signed", "Message Received", "Call Received", "identify", "Boilers"])
        self.assertEqual([event["channel"] for event in events[1:]], ["store", "chat", "phone", "site", "web"])
        ties = shop.good("GET", f"/v1/customers/{petr}/identifiers", key=self.agent)["ties"]
        told = {frozenset(one["type"] for one in tie["between"]): (tie["source"], tie.get("event") or tie["type"]) for tie in ties}
        self.assertLessEqual({
            frozenset(["user_id", "anonymous_id"]): ("site", "identify"),
            frozenset(["whatsapp", "phone"]): ("whatsapp", "Message Received"),
            frozenset(["user_id", "phone"]): ("office", "Contract Signed")}.items(), told.items())
        # Whoever serves him next finds him by what he says first.
        found = shop.good("POST", "/v1/customers/search", {"q": "orlov 4567"}, key=self.agent)["data"]
        self.assertEqual([one["id"] for one in found], [petr])


class TheHalfFinishedForm(StoryTest):
    """Begun in the app, finished on the site, with everything that was typed in; a film goes on where it stopped."""

    def test_from_the_app_to_the_site(self):
        shop, me = self.shop, "/v1/customers/me"
        app = shop.source("app", channel="app")
        visitor = shop.ask("POST", "/v1/visitors", {}, key=app).json
        form = {"step": 2, "street": "Long Lane 5", "items": [{"sku": "dress-9", "quantity": 1}]}
        shop.good("PUT", f"{me}/state/checkout", {"value": form, "device": "phone"}, key=visitor["token"])
        shop.good("PUT", f"{me}/state/film:17", {"value": {"second": 1234}, "device": "phone"}, key=visitor["token"])

        # He signs in on the telephone; the shop's server knows him as u-4.
        token = shop.good("POST", "/v1/customers/user_id:u-4/tokens", {"expiresIn": 3600}, key=self.front)
        shop.good("POST", f"{me}/identifiers", {"anonymousId": visitor["anonymousId"]}, key=token["token"])
        self.assertEqual(shop.ask("GET", f"{me}/state/checkout", key=visitor["token"]).status, 401)

        # At home, on the site, another token of the same customer.
        home = shop.good("POST", "/v1/customers/user_id:u-4/tokens", {}, key=self.front)["token"]
        taken = shop.ask("GET", f"{me}/state/checkout", key=home)
        self.assertEqual((taken.json["value"], taken.json["device"]), (form, "phone"))
        tag = taken.headers["ETag"]
        self.assertEqual(shop.ask("GET", f"{me}/state/checkout", key=home, If_None_Match=tag).status, 304)
        # Two devices at once: who comes second is told and loses nothing of the first.
        paid = {**form, "step": 3, "payment": "card"}
        self.assertEqual(shop.ask("PUT", f"{me}/state/checkout", {"value": paid, "device": "laptop"}, key=home, If_Match=tag).status, 200)
        late = shop.ask("PUT", f"{me}/state/checkout", {"value": form, "device": "phone"}, key=token["token"], If_Match=tag)
        self.assertEqual(late.status, 412)
        self.assertEqual(shop.good("GET", f"{me}/state/checkout", key=token["token"])["value"], paid)
        # The agent sees where he is, and the film goes on at its second.
        states = shop.every("/v1/customers/user_id:u-4/state", self.agent)
        self.assertEqual([(state["key"], state["value"]) for state in states], [("checkout", paid), ("film:17", {"second": 1234})])
        self.assertEqual(shop.ask("DELETE", f"{me}/state/checkout", key=home).status, 204)
        self.assertEqual(shop.ask("GET", f"{me}/state/checkout", key=token["token"]).status, 404)
        # Nobody else's token reaches it, nor does his reach anybody else.
        other = shop.good("POST", "/v1/customers/user_id:u-5/tokens", {}, key=self.front)["token"]
        self.assertEqual(shop.ask("GET", f"{me}/state/film:17", key=other).status, 404)
        self.assertEqual(shop.ask("GET", "/v1/customers/user_id:u-4", key=other).status, 403)


class TheWrongMerge(StoryTest):
    """Both are what they were, what came since stands with whom it belongs to, and the next receipt does not join them."""

    def picture(self, name):
        whole = self.shop.customer(name, self.agent)
        kept = {key: whole[key] for key in ("id", "formerIds", "known", "traits", "consents")}
        return {**kept, "events": [event["messageId"] for event in whole["timeline"]]}

    def test_a_family_shares_a_phone(self):
        shop, number = self.shop, "+79161112233"
        site = shop.source("site", channel="site", trust="verified")
        till = shop.source("till", channel="store", trust="verified", proves=["card", "phone"], kind="till")
        for user, name, card in ("mother", "Anna", "770001"), ("daughter", "Lena", "770002"):
            shop.send(site, "identify", userId=user, messageId=f"i-{user}", traits={"name": name})
            shop.good("POST", f"/v1/customers/user_id:{user}/identifiers",
                      {"type": "card", "value": card, "reason": "she showed it"}, key=self.agent)
        shop.good("PUT", "/v1/customers/user_id:mother/consents", [{"purpose": "marketing", "state": "granted"}], key=self.agent)
        before = {user: self.picture(f"user_id:{user}") for user in ("mother", "daughter")}

        # An agent takes the two for one.
        path = f'/v1/customers/{before["mother"]["id"]}/merges'
        asked = {"with": "user_id:daughter", "reason": "one phone, one person"}
        preview = shop.ask("POST", path, {**asked, "dryRun": True}, key=self.agent)
        self.assertIsNone(preview.headers["Throughline-Sequence"])
        self.assertEqual({user: self.picture(f"user_id:{user}") for user in before}, before)
        merge = shop.good("POST", path, asked, key=self.agent, Idempotency_Key="press-1")
        again = shop.good("POST", path, asked, key=self.agent, Idempotency_Key="press-1")
        self.assertEqual(again["id"], merge["id"])
        self.assertEqual(merge["diff"]["after"][0]["traits"], preview.json["diff"]["after"][0]["traits"])
        self.assertEqual(shop.customer("user_id:daughter")["id"], shop.customer("user_id:mother")["id"])
        shop.send(site, "track", userId="daughter", messageId="since", event="Product Viewed")

        undone = shop.good("POST", f'/v1/merges/{merge["id"]}/undo', {"reason": "mother and daughter"}, key=self.agent)
        self.assertEqual(len(undone["diff"]["after"]), 2)
        after = {user: self.picture(f"user_id:{user}") for user in before}
        self.assertEqual(after["daughter"]["events"][0], "since")
        for user in before:
            # The acts themselves stand in the histories of both.
            added = {"since"} | {event["messageId"] for event in shop.every(f"/v1/customers/user_id:{user}/timeline", self.agent)
                                 if event["type"] in ("merge", "undo")}
            after[user]["events"] = [one for one in after[user]["events"] if one not in added]
            for name in "id", "known", "traits", "events":
                self.assertEqual(after[user][name], before[user][name], (user, name))

        # The next receipts, with the telephone that both have.
        for receipt, card in (1, "770001"), (2, "770002"):
            result = shop.good("POST", "/hooks/till", {
                "store_id": "s-1", "register_id": "1", "shift_no": 1, "receipt_no": receipt, "kind": "sale",
                "issued_at": "2026-03-01T12:00:00+03:00", "currency": "RUB", "loyalty_card": card, "phone": number,
                "lines": [{"sku": "a", "name": "A", "qty": "1", "uom": "pcs", "unit_price_minor": 100, "total_minor": 100}],
                "tenders": [{"kind": "cash", "amount_minor": 100}], "totals": {"total_minor": 100}}, key=till)["results"][0]
            self.assertEqual(result["customer"], before["mother" if receipt == 1 else "daughter"]["id"])
        self.assertNotEqual(shop.customer("user_id:daughter")["id"], shop.customer("user_id:mother")["id"])
        (told,) = shop.every(path, self.agent)
        self.assertEqual((told["id"], told["undone"]["reason"]), (merge["id"], "mother and daughter"))


class ForgetMe(StoryTest):
    """He gets all that is known of him as a file; then he is forgotten everywhere, with proof, and no backup brings him back."""

    def test_a_file_and_then_nothing(self):
        shop = self.shop
        site = shop.source("site", channel="site", trust="verified")
        for user in "petr", "other":
            shop.send(site, "identify", userId=user, messageId=f"i-{user}", traits={"name": user.title(), "email": f"{user}@example.com"})
            shop.send(site, "track", userId=user, messageId=f"o-{user}", event="Order Completed", properties={"total": 99, "order_id": f"A-{user}"})
        shop.good("PUT", "/v1/customers/user_id:petr/state/film", {"value": 17}, key=self.agent)
        petr = shop.customer("user_id:petr")["id"]
        backup = self.directory / "before.backup"
        self.server_process.made("backup", backup)

        job = shop.good("POST", f"/v1/customers/{petr}/export", {"format": "json"}, key=self.agent)["id"]
        job = shop.finished(job, self.agent)
        file = shop.good("GET", job["result"], key=self.agent)
        self.assertEqual((file["id"], file["traits"]["email"]["value"]), (petr, "petr@example.com"))
        self.assertEqual({event["messageId"] for event in file["events"]} & {"i-petr", "o-petr"}, {"i-petr", "o-petr"})
        self.assertEqual(file["states"][0]["value"], 17)
        self.assertNotIn("other@example.com", json.dumps(file))

        refused = shop.ask("POST", f"/v1/customers/{petr}/erasure", {"reason": "article 17"}, key=self.agent)
        self.assertEqual(refused.status, 403)
        job = shop.good("POST", f"/v1/customers/{petr}/erasure", {"reason": "article 17, case 4711"})["id"]
        receipt = shop.finished(job)
        self.assertEqual(receipt["state"], "done", receipt)
        self.assertEqual(shop.ask("GET", f"/v1/customers/{petr}").status, 410)
        for name in "user_id:petr", "email:petr%40example.com":
            self.assertEqual(shop.ask("GET", f"/v1/customers/{name}").status, 404)
        found = shop.good("POST", "/v1/customers/search", {"q": "petr@example.com"}, key=self.agent)["data"]
        self.assertEqual(found, [])
        self.assertEqual(shop.send(site, "track", userId="petr", messageId="o-petr", event="Order Completed",
                                   properties={"total": 99, "order_id": "A-petr"})["outcome"], "erased")
        self.assertEqual(shop.customer("user_id:other")["traits"]["name"]["value"], "Other")
        self.server_process.stop()
        for path in self.server_process.data.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"petr@example.com", path.read_bytes(), path)

        restored = self.server("restored", start=False)
        restored.made("restore", backup, "--erasures", self.server_process.data / "erasures")
        restored.start()
        again = Shop(restored.url, self.shop.key)
        self.assertEqual(again.ask("GET", f"/v1/customers/{petr}").status, 410)
        self.assertEqual(again.ask("GET", "/v1/customers/user_id:petr").status, 404)
        self.assertEqual(again.customer("user_id:other")["traits"]["name"]["value"], "Other")
