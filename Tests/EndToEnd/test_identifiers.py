"""One person is one customer in whatever spelling he is named, and nobody is one of those that name nobody."""

import contextlib
import sqlite3
import urllib.parse

from server import ServerTest, bearer, track, wait_for


def phone(user, number, **traits):
    return {"type": "identify", "userId": user, "traits": {"phone": number, **traits}}


class IdentifiersTest(ServerTest):
    def started(self, **environment):
        self.throughline = self.server(environment=environment)
        self.write_key, self.agent = self.throughline.source("shop"), self.throughline.key()

    def send(self, *events, key=None):
        answer = self.throughline.post("/v1/batch", {"batch": events}, key or self.write_key)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["results"]

    def look(self, name, query=""):
        return self.throughline.get(f"/v1/customers/{urllib.parse.quote(name)}{query}", self.agent)

    def user(self, name, query=""):
        """The user id of the customer of that name."""
        answer = self.look(name, query)
        if answer.status != 200:
            return answer.status
        return [each["value"] for each in answer.json["identifiers"] if each["type"] == "user_id"][0]

    def test_a_national_number_is_the_countrys_of_address_source_configuration(self):
        self.started(THROUGHLINE_COUNTRY="RU")
        admin = self.throughline.key("admin")
        document = {"name": "york", "channel": "web", "trust": "verified", "country": "us"}
        york = self.throughline.source("york")
        put = self.throughline.call("PUT", "/v1/documents/source/york", document, bearer(admin))
        self.assertEqual((put.status, put.json["country"]), (200, "US"))
        self.send(phone("u-ru", "8 (916) 123-45-67"), phone("u-gb", "020 7946 0018", address={"country": "GB"}))
        self.send(phone("u-us", "(201) 555-0123"), phone("u-de", "030 123456", address={"country": "DE"}), key=york)
        for user, number in ("u-ru", "+79161234567"), ("u-gb", "+442079460018"), ("u-us", "+12015550123"), ("u-de", "+4930123456"):
            with self.subTest(user):
                self.assertEqual(self.user(f"phone:{number}"), user)
        for name, query, user in [
            ("phone:89161234567", "", "u-ru"), ("phone:8 (916) 123-45-67", "?country=ru", "u-ru"),
            ("phone:007 916 1234567", "", "u-ru"), ("phone:020 7946 0018", "?country=GB", "u-gb"),
            ("phone:011442079460018", "?country=US", "u-gb"), ("phone:201-555-0123", "?country=US", "u-us"),
            ("phone:201-555-0123", "", 404), ("phone:89161234567", "?country=US", 404),
        ]:
            with self.subTest(name + query):
                self.assertEqual(self.user(name, query), user)
                page = self.throughline.get(f"/v1/customers/{urllib.parse.quote(name)}/timeline{query}", self.agent)
                self.assertEqual(page.status, 404 if user == 404 else 200)
        for country in "XX", "Russia", "":
            self.assertProblem(self.look("phone:89161234567", f"?country={country}"), 400, "/country")

    def test_without_a_country_a_national_number_is_a_trait(self):
        self.started()
        self.send(phone("u-1", "8 (916) 123-45-67"), phone("u-2", "+1 555 010 2000"))
        for user, number in ("u-1", "8 (916) 123-45-67"), ("u-2", "+1 555 010 2000"):
            customer = self.look(f"user_id:{user}").json
            self.assertEqual([each["type"] for each in customer["identifiers"]], ["user_id"])
            self.assertEqual(customer["traits"]["phone"]["value"], number)
        self.assertEqual(self.look("phone:89161234567").status, 404)
        self.assertEqual(self.user("phone:89161234567", "?country=RU"), 404)

    def test_a_configuration_of_no_country_does_not_start(self):
        self.started()
        with self.assertRaisesRegex(AssertionError, "country is no country's two letters"):
            self.server("other", environment={"THROUGHLINE_COUNTRY": "Russia"})
        self.servers[-1].process.stdout.close()

    def test_an_address_beyond_ascii_has_one_spelling(self):
        self.started()
        self.send({"type": "identify", "userId": "u-1", "traits": {"email": "Иван@Почта.РФ"}})
        for spelling in "иван@почта.рф", "ИВАН@xn--80a1acny.xn--p1ai":
            self.assertEqual(self.user(f"email:{spelling}"), "u-1")
        self.assertEqual(self.look("user_id:u-1").json["traits"]["email"]["value"], "Иван@Почта.РФ")

    def test_another_programs_numbering_plans_are_noticed_at_the_start(self):
        self.started()
        self.send(phone("u-1", "+7 916 123-45-67"))

        def plans(version=None):
            with contextlib.closing(sqlite3.connect(self.throughline.data / "throughline.db")) as database, database:
                if version:
                    database.execute("UPDATE setting SET value = ? WHERE name = 'numbering'", (version,))
                return database.execute("SELECT value FROM setting WHERE name = 'numbering'").fetchone()

        current = wait_for(plans, "the first look")
        self.throughline.stop()
        plans(b"1.0")
        self.throughline.start()
        wait_for(lambda: plans() == current, "the look at what is there")
        self.assertEqual(self.throughline.get("/v1/reviews", self.agent).json["data"], [])
        self.assertEqual(self.user("phone:+79161234567"), "u-1")

    def test_a_payment_card_is_nobodys(self):
        self.started()
        for number in "4111 1111 1111 1111", "7700 0012":
            self.send({**track("u-1", number), "context": {"externalIds": [{"type": "card", "id": number}]}})
        self.assertEqual(self.look("card:4111111111111111").status, 404)
        self.assertEqual(self.user("card:77000012"), "u-1")

    def test_values_that_identify_nobody(self):
        self.started()
        results = self.send(
            track("null", "m-1"), track("null", "m-2", anonymousId="an-1"), track("NULL", "m-3", anonymousId="an-2"),
            track("u-1", "m-4", anonymousId="undefined"),
            {"type": "identify", "messageId": "m-5", "userId": "u-1", "traits": {"email": "team@shop.test"}})
        self.assertEqual([each["status"] for each in results], ["invalid"] + ["accepted"] * 4)
        self.assertEqual(
            results[0]["errors"], [{"pointer": "/batch/0/userId", "reason": "is a value that identifies nobody"}])
        # Two visitors with the same nothing are two.
        self.assertNotEqual(results[1]["customer"], results[2]["customer"])
        for name in "user_id:null", "anonymous_id:undefined", "email:team@shop.test":
            self.assertEqual(self.look(name).status, 404)
        customer = self.look("user_id:u-1").json
        self.assertEqual([each["type"] for each in customer["identifiers"]], ["user_id"])
        self.assertEqual(customer["traits"]["email"]["value"], "team@shop.test")
        single = self.throughline.post("/v1/track", {"userId": "0000", "event": "E"}, self.write_key)
        self.assertProblem(single, 400, "/userId")
