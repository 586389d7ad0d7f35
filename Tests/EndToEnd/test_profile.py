"""The profile through REST: traits and identifiers that an agent edits, computed traits, data quality."""

import contextlib
import sqlite3
import time
import urllib.parse

from contract import ContractCase
from server import wait_for

ANN = "/v1/customers/user_id:ann"


class ProfileTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.shop = self.throughline.key("storefront", name="front")
        self.reader = self.throughline.key("readonly", name="eve")
        self.identify("ann")

    def identify(self, user, key=None, **traits):
        answer = self.throughline.post("/v1/identify", {"userId": user, "traits": traits}, key or self.backend)
        self.assertEqual(answer.status, 200, answer.body)

    def customer(self, name="user_id:ann"):
        answer = self.ask("GET", "/v1/customers/" + urllib.parse.quote(name, safe=":"))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def names(self, name="user_id:ann"):
        return sorted(f'{i["type"]}:{i["value"]}' for i in self.customer(name)["identifiers"])

    # Traits.

    def test_an_agent_edits_traits(self):
        self.identify("ann", name="Ann", city="Riga")
        answer = self.ask("PATCH", ANN + "/traits", {"traits": {"name": "Ann Lee", "size": 42, "city": None}})
        self.assertEqual(answer.status, 200, answer.body)
        self.assertTrue(answer.headers["Throughline-Sequence"])
        traits = answer.json["traits"]
        self.assertEqual({name: trait["value"] for name, trait in traits.items()}, {"name": "Ann Lee", "size": 42})
        self.assertEqual((traits["name"]["source"], traits["name"]["lost"][0]["source"]), ("api:bob", "shop"))
        picture = self.customer()
        self.assertEqual({n: picture["traits"][n] for n in traits}, traits)
        self.assertEqual((picture["timeline"][0]["type"], picture["timeline"][0]["channel"]), ("traits", "api"))
        self.identify("ann", city="Vilnius")
        self.assertEqual(self.customer()["traits"]["city"]["value"], "Vilnius")

    def test_an_edit_counts_once_and_what_is_wrong_is_named(self):
        first = self.ask("PATCH", ANN + "/traits", {"traits": {"name": "A"}}, Idempotency_Key="k")
        self.ask("PATCH", ANN + "/traits", {"traits": {"name": "B"}})
        again = self.ask("PATCH", ANN + "/traits", {"traits": {"name": "A"}}, Idempotency_Key="k")
        self.assertEqual(again.headers["Throughline-Sequence"], first.headers["Throughline-Sequence"])
        self.assertEqual(again.json["traits"]["name"]["value"], "B")
        self.assertProblem(self.ask("PATCH", ANN + "/traits", {"traits": {"name": "C"}}, Idempotency_Key="k"), 422)
        self.assertProblem(self.ask("PATCH", ANN + "/traits", {"name": "C"}), 400, "/traits")
        self.assertProblem(self.ask("PATCH", ANN + "/traits", {"traits": {f"t{n}": 1 for n in range(101)}}), 413)
        self.assertProblem(self.ask("PATCH", ANN + "/traits", {"traits": {"a": 1}}, self.reader), 403)
        self.assertProblem(self.ask("PATCH", "/v1/customers/user_id:none/traits", {"traits": {"a": 1}}), 404)

    # Identifiers.

    def test_an_identifier_is_added_and_taken_away(self):
        phone = {"type": "phone", "value": "8 916 123-45-67", "reason": "said so"}
        added = self.ask("POST", ANN + "/identifiers?country=RU", phone, self.shop)
        self.assertEqual(added.status, 200, added.body)
        self.assertEqual([(i["type"], i["verified"]) for i in added.json["identifiers"]], [("user_id", True), ("phone", True)])
        self.assertEqual(self.customer("phone:+79161234567")["id"], added.json["customer"])
        removed = self.ask("DELETE", ANN + "/identifiers", {"type": "phone", "value": "+79161234567"})
        self.assertEqual(removed.status, 200, removed.body)
        self.assertEqual(self.names(), ["user_id:ann"])
        self.assertEqual(self.names("phone:+79161234567"), ["phone:+79161234567"])
        self.assertProblem(self.ask("DELETE", ANN + "/identifiers", {"type": "phone", "value": "+79161234567"}), 404)
        self.assertProblem(self.ask("DELETE", ANN + "/identifiers", {"type": "user_id", "value": "ann"}), 409)
        self.assertEqual([e["name"] for e in self.customer()["timeline"][:2]], ["removed", "added"])

    def test_what_another_has_is_not_taken_but_can_be_shared(self):
        self.identify("bob")
        bob = self.customer("user_id:bob")["id"]
        card = {"type": "card", "value": "C 17"}
        self.assertEqual(self.ask("POST", "/v1/customers/user_id:bob/identifiers", card).status, 200)
        problem = self.assertProblem(self.ask("POST", ANN + "/identifiers", card), 409)
        self.assertIn(bob, problem["detail"])
        self.assertIn("/merges", problem["detail"])
        audit = self.ask("GET", "/v1/audit?limit=2", key=self.admin).json["data"]
        self.assertIn(bob, [row["customer"] for row in audit])
        shared = {**card, "shared": True}
        self.assertProblem(self.ask("POST", ANN + "/identifiers", shared, self.shop), 403)
        answer = self.ask("POST", ANN + "/identifiers", shared)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual([i for i in answer.json["identifiers"] if i["type"] == "card"][0]["shared"], True)
        found = self.ask("POST", "/v1/customers/lookup", {"type": "card", "value": "C17"}).json
        self.assertEqual((found["shared"], sorted(c["id"] for c in found["data"])), (True, sorted([bob, answer.json["customer"]])))

    def test_limits_and_faults_of_identifiers(self):
        for number in range(5):
            answer = self.ask("POST", ANN + "/identifiers", {"type": "email", "value": f"a{number}@b.test"})
            self.assertEqual(answer.status, 200, answer.body)
        problem = self.assertProblem(self.ask("POST", ANN + "/identifiers", {"type": "email", "value": "a5@b.test"}), 409)
        self.assertIn("at most 5 of the type email", problem["detail"])
        self.assertProblem(self.ask("POST", ANN + "/identifiers", {"type": "email", "value": "a.test"}), 400, "/value")
        self.assertProblem(self.ask("POST", ANN + "/identifiers", {"type": "user_id", "value": "null"}), 400, "/value")
        self.assertProblem(self.ask("POST", ANN + "/identifiers", {"type": "card", "value": "C1"}, self.reader), 403)

    # Computed traits.

    def define(self, name, **fields):
        path = f"/v1/documents/computed-trait/{name}"
        answer = self.ask("PUT", path, {"name": name, **fields}, self.admin)
        self.assertEqual(answer.status, 200, answer.body)

    def order(self, total, days_ago=0, *skus):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days_ago * 86400))
        body = {"userId": "ann", "event": "Order Completed", "timestamp": at,
                "properties": {"total": total, "products": [{"sku": sku} for sku in skus]}}
        answer = self.throughline.post("/v1/batch", {"batch": [{"type": "track", **body}]}, self.backend)
        self.assertEqual(answer.status, 200, answer.body)

    def computed(self):
        traits = self.customer()["traits"]
        return {name: trait["value"] for name, trait in traits.items() if trait["source"] == "computed"}

    def test_computed_traits_are_exact_when_read(self):
        self.order(100.10, 40, "a", "b")
        self.order(50, 3, "b")
        self.define("orders", function="count", event="Order Completed")
        self.define("spent", function="sum", event="Order Completed", property="/properties/total")
        self.define("spent30d", function="sum", event="Order Completed", property="/properties/total", days=30)
        self.define("favourite", function="most_frequent", property="/properties/products/*/sku")
        expected = {"orders": 2, "spent": 150.1, "spent30d": 50, "favourite": "b"}
        self.assertEqual(self.computed(), expected)
        self.order(7, 0, "c")
        expected = {"orders": 3, "spent": 157.1, "spent30d": 57, "favourite": "b"}
        self.assertEqual(self.computed(), expected)

        def followed():
            with contextlib.closing(sqlite3.connect(self.throughline.data / "throughline.db")) as database:
                end = database.execute("SELECT max(sequence) FROM event").fetchone()
                return database.execute("SELECT min(sequence), count(*) FROM computed_progress").fetchone() == (*end, 4)
        wait_for(followed, "the cells")
        self.assertEqual(self.computed(), expected)
        self.order(1, 35)
        self.assertEqual(self.computed(), {**expected, "orders": 4, "spent": 158.1})
        self.define("orders", function="count", event="Order Cancelled")
        self.assertEqual(self.computed()["orders"], 0)
        self.assertProblem(self.ask("PATCH", ANN + "/traits", {"traits": {"spent": 1}}), 409, "/traits/spent")

    def test_a_wrong_definition_is_refused(self):
        for body, pointer in [({"function": "mean"}, "/function"), ({"function": "sum"}, "/property"),
                              ({"function": "count", "days": 0}, "/days")]:
            answer = self.ask("PUT", "/v1/documents/computed-trait/x", {"name": "x", **body}, self.admin)
            self.assertProblem(answer, 400, pointer)
        answer = self.ask("PUT", "/v1/documents/computed-trait/x", {"name": "x", "function": "count"}, self.agent)
        self.assertProblem(answer, 403)
