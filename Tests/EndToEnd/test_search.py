"""Finding customers: by words, by pieces of numbers, and by one identifier."""

import urllib.parse

from contract import ContractCase
from server import basic, bearer

SEARCHERS = ["owner", "admin", "marketer", "agent", "store", "readonly"]


class SearchTest(ContractCase):
    def setUp(self):
        super().setUp()
        for user, traits in [
            ("u-1", {"name": "Анна Щербакова", "email": "anna.shch@mail.test", "phone": "+7 916 123-45-67"}),
            ("u-2", {"firstName": "Jürgen", "lastName": "Müller", "address": {"city": "Köln", "postalCode": 50667}}),
        ]:
            self.assertEqual(self.post("/v1/identify", {"userId": user, "traits": traits}).status, 200)
        self.post("/v1/track", {"userId": "u-2", "event": "Order Completed", "properties": {"order_id": "n-1001"}})

    def find(self, query, key=None, **options):
        """Searches by both routes, which must answer the same."""
        by_url = self.get("/v1/customers?" + urllib.parse.urlencode({"q": query, **options}), key)
        by_body = self.ask("POST", "/v1/customers/search", {"q": query, **options}, bearer(key or self.agent))
        self.assertEqual((by_url.status, by_url.body), (by_body.status, by_body.body))
        return by_url

    def names(self, query):
        return [row["name"] for row in self.find(query).json["data"]]

    def test_words_numbers_and_addresses(self):
        for query, name in [
            ("анна", "Анна Щербакова"), ("Scherbakova Anna", "Анна Щербакова"), ("щербокова", "Анна Щербакова"),
            ("916 123", "Анна Щербакова"), ("anna.shch@mail.test", "Анна Щербакова"), ("mueller", "Jürgen Müller"),
            ("koln 50667", "Jürgen Müller"), ("N-1001", "Jürgen Müller"), ("u-2", "Jürgen Müller"),
        ]:
            with self.subTest(query):
                self.assertEqual(self.names(query), [name])
        for query in "", "🎉", "%", "nobody", "анна köln":
            with self.subTest(query):
                answer = self.find(query)
                self.assertEqual((answer.json["data"], answer.json["next"], answer.json["complete"]), ([], None, True))
                self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_a_row_says_why(self):
        row, = self.find("анна 1234567").json["data"]
        self.assertEqual(row["id"], self.get("/v1/customers/user_id:u-1").json["id"])
        self.assertEqual((row["known"], row["match"]), (True, "prefix"))
        self.assertEqual(row["identifiers"], [{"type": "phone", "value": "+79161234567", "verified": False}])
        self.assertEqual([match["field"] for match in row["matches"]], ["name", "phone"])

    def test_pages(self):
        for number in range(7):
            self.post("/v1/identify", {"userId": f"p-{number}", "traits": {"name": "Пётр"}})
        path, seen = "/v1/customers?q=%D0%BF%D0%B5%D1%82%D1%80&limit=3", []
        while path:
            answer = self.get(path)
            seen += [row["id"] for row in answer.json["data"]]
            link = answer.headers["Link"]
            path = link.removeprefix("<").split(">")[0] if link else None
        self.assertEqual((len(seen), len(set(seen))), (7, 7))

    def test_what_is_wrong_is_named(self):
        self.assertProblem(self.get("/v1/customers"), 400, "/q")
        for body, pointer in [
            ({}, "/q"), ({"q": 1}, "/q"), ({"q": "a" * 201}, "/q"), ({"q": " ".join("abcdefghi")}, "/q"),
            ({"q": "a", "limit": 0}, "/limit"), ({"q": "a", "limit": 101}, "/limit"), ({"q": "a", "limit": "5"}, "/limit"),
            ({"q": "a", "cursor": "x"}, "/cursor"), ({"q": "a", "cursor": 5}, "/cursor"), ({"q": "a", "more": 1}, "/more"), ([], ""),
        ]:
            with self.subTest(body):
                self.assertProblem(self.ask("POST", "/v1/customers/search", body, bearer(self.agent)), 400, pointer)
        self.assertEqual(self.find("a" * 200, limit=100).status, 200)
        self.assertEqual(self.throughline.get("/v1/customers?q=" + "a" * 10_000, self.agent).status, 414)
        for query in "q=" + "a" * 2_000, "q=a&limit=x", "q=a&cursor=", "q=a&minSequence=99999":
            self.assertProblem(self.get(f"/v1/customers?{query}"), 400)
        large = self.ask("POST", "/v1/customers/search", {"q": "a" * 5000}, bearer(self.agent))
        self.assertProblem(large, 413)

    def test_roles(self):
        for role in SEARCHERS:
            self.assertEqual(self.find("анна", self.throughline.key(role)).status, 200, role)
        storefront = self.throughline.key("storefront")
        self.assertProblem(self.get("/v1/customers?q=a", storefront), 403)
        self.assertProblem(self.ask("POST", "/v1/customers/search", {"q": "a"}, bearer(storefront)), 403)
        lookup = {"type": "user_id", "value": "u-1"}
        self.assertEqual(self.ask("POST", "/v1/customers/lookup", lookup, bearer(storefront)).status, 200)
        for headers, status in [({}, 401), (basic(self.backend), 403)]:
            self.assertProblem(self.ask("GET", "/v1/customers?q=a", key=headers), status)
            self.assertProblem(self.ask("POST", "/v1/customers/lookup", lookup, headers), status)

    def test_whoever_is_shown_is_in_the_audit(self):
        """A row for each customer on the page that a person sees, and none where there is nobody."""
        person = self.throughline.key("agent", name="eve")
        ids = [self.get(f"/v1/customers/user_id:{user}").json["id"] for user in ("u-1", "u-2")]

        def audited():
            return [(row["action"], row["customer"]) for row in self.get("/v1/audit?actor=eve", self.admin).json["data"]]

        self.assertEqual(self.find("nobody", person).json["data"], [])
        self.assertEqual(audited(), [])
        self.post("/v1/identify", {"userId": "u-1", "traits": {"city": "Köln"}})
        page = self.get("/v1/customers?q=koln&limit=1", person).json
        self.assertEqual((len(page["data"]), audited()), (1, [("GET /v1/customers", page["data"][0]["id"])]))
        self.ask("POST", "/v1/customers/search", {"q": "koln"}, bearer(person))
        self.assertEqual(sorted(audited()[:2]), sorted(("POST /v1/customers/search", id) for id in ids))
        self.ask("POST", "/v1/customers/lookup", {"type": "user_id", "value": "u-1"}, bearer(person))
        self.assertEqual(audited()[0], ("POST /v1/customers/lookup", ids[0]))

    def test_a_national_number(self):
        """Is dialled where the body says, else where the query says, else where the configuration does."""
        body = {"type": "phone", "value": "8 (916) 123-45-67"}
        for query, more, found in [
            ("?country=RU", {}, 1), ("?country=US", {"country": "RU"}, 1), ("?country=RU", {"country": None}, 1),
            ("?country=ru", {}, 1), ("", {"country": "ru"}, 1),
        ]:
            with self.subTest(query, **more):
                answer = self.ask("POST", "/v1/customers/lookup" + query, {**body, **more}, bearer(self.agent))
                self.assertEqual(len(answer.json["data"]), found)
        for query, more, pointer in [
            ("", {}, "/value"), ("?country=RU", {"country": "US"}, "/value"), ("?country=XX", {}, "/country"),
        ]:
            with self.subTest(query, **more):
                answer = self.ask("POST", "/v1/customers/lookup" + query, {**body, **more}, bearer(self.agent))
                self.assertProblem(answer, 400, pointer)

        russian = self.server("russian", environment={"THROUGHLINE_COUNTRY": "RU"})
        russian.post("/v1/identify", {"userId": "u-1", "traits": {"phone": "+79161234567"}}, russian.source("shop"))
        answer = russian.call("POST", "/v1/customers/lookup", body, bearer(russian.key()))
        self.assertEqual(len(answer.json["data"]), 1)

    def test_a_shared_phone(self):
        """Of a phone that several share a look-up shows who uses it, and each of them is audited."""
        till = self.throughline.source("till", channel="store")
        receipt = {"name": "till", "channel": "store", "trust": "verified", "proves": ["user_id", "phone"]}
        self.assertEqual(self.ask("PUT", "/v1/documents/source/till", receipt, bearer(self.admin)).status, 200)
        phone = {"phone": "+7 903 111-22-33"}
        for user in "mother", "daughter":
            self.post("/v1/identify", {"userId": user, "traits": phone}, till)
        key = bearer(self.throughline.key("agent", name="eve"))
        review = self.ask("GET", "/v1/reviews", key=key).json["data"][0]["id"]
        merge = self.ask("POST", f"/v1/reviews/{review}", {"decision": "merge", "reason": "one"}, key).json["id"]
        undo = {"reason": "two", "keep": {"phone:+79031112233": "shared"}}
        self.assertEqual(self.ask("POST", f"/v1/merges/{merge}/undo", undo, key).status, 200)
        for user in "mother", "daughter":
            self.post("/v1/identify", {"userId": user, "traits": phone}, till)
        found = self.ask("POST", "/v1/customers/lookup", {"type": "phone", "value": "+79031112233"}, key).json
        ids = [self.get(f"/v1/customers/user_id:{user}").json["id"] for user in ("mother", "daughter")]
        self.assertTrue(found["shared"])
        self.assertEqual([(row["id"], row["verified"]) for row in found["data"]], [(id, False) for id in ids])
        rows = self.get("/v1/audit?actor=eve&limit=2", self.admin).json["data"]
        self.assertEqual(
            sorted((row["action"], row["customer"]) for row in rows),
            sorted(("POST /v1/customers/lookup", id) for id in ids))
        self.assertLessEqual(set(ids), {row["id"] for row in self.find("1112233").json["data"]})

    def test_a_lookup(self):
        def look(type, value, **more):
            return self.ask("POST", "/v1/customers/lookup", {"type": type, "value": value, **more}, bearer(self.agent))

        first = self.get("/v1/customers/user_id:u-1").json["id"]
        self.assertEqual(look("user_id", "u-1").json["data"], [{"id": first, "known": True, "verified": True}])
        for value in "+7 916 123 45 67", "8 (916) 123-45-67":
            found = look("phone", value, country="RU").json
            self.assertEqual(found, {"data": [{"id": first, "known": True, "verified": False}], "shared": False})
        self.assertEqual(look("email", "none@mail.test").json, {"data": [], "shared": False})
        self.post("/v1/identify", {"userId": "u-2", "traits": {"phone": "+79161234567"}})
        self.assertEqual(len(look("phone", "+79161234567").json["data"]), 2)
        for body, pointer in [
            ({"type": "shoe", "value": "41"}, "/type"), ({"type": "email", "value": "none"}, "/value"), ({"type": "email"}, "/value"),
            ({"type": "phone", "value": "+79161234567", "country": "Russia"}, "/country"), ({"type": "phone", "value": []}, "/value"),
            ({"type": "phone", "value": "1", "x": 1}, "/x"), ([], ""),
        ]:
            with self.subTest(body):
                self.assertProblem(self.ask("POST", "/v1/customers/lookup", body, bearer(self.agent)), 400, pointer)
