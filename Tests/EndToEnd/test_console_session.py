"""The session of the console: begun by a person's key, bound to it, of no use to other origins, and ended for good."""

import http.client
import json
import ssl
import subprocess

from contract import ContractCase
from server import ServerTest, bearer, run

SAME = {"Sec-Fetch-Site": "same-origin"}
CUSTOMER = "/v1/customers/user_id:u-1"


class SessionTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.post("/v1/identify", {"userId": "u-1", "traits": {"name": "Ann Lee"}})

    def sign_in(self, key=None, **headers):
        answer = self.ask("POST", "/session", {"key": key or self.agent}, {**SAME, **headers})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.headers["Set-Cookie"].split(";")[0]

    def read(self, cookie, path=CUSTOMER, **headers):
        return self.ask("GET", path, key={"Cookie": cookie, **(headers or SAME)})

    def test_a_key_begins_a_session_and_does_not_stand_in_it(self):
        answer = self.ask("POST", "/session", {"key": self.agent}, SAME)
        self.assertEqual(answer.status, 201)
        self.assertEqual((answer.json["name"], answer.json["role"], answer.json["hasCustomers"]), ("bob", "agent", True))
        cookie = answer.headers["Set-Cookie"]
        name, *attributes = cookie.split("; ")
        self.assertEqual(attributes, ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=1800"])
        self.assertNotIn(self.agent, cookie)
        self.assertNotIn(self.agent.split("_")[2], cookie)
        self.assertEqual(self.read(name).json["traits"]["name"]["value"], "Ann Lee")
        self.assertEqual(self.read(name, "/session").json["role"], "agent")
        self.assertEqual(self.get("/session").json["expiresAt"], None)

    def test_it_may_what_its_key_may_and_is_audited_by_it(self):
        cookie = self.sign_in()
        self.assertProblem(self.read(cookie, "/v1/audit"), 403)
        self.assertEqual(self.read(cookie).status, 200)
        rows = self.get("/v1/audit?actor=bob", self.admin).json["data"]
        self.assertEqual([(row["actor"]["name"], row["actor"]["role"]) for row in rows][:1], [("bob", "agent")], rows)
        store = self.sign_in(self.throughline.key("store"))
        answer = self.ask("POST", f"{CUSTOMER}/merges", {"with": "user_id:u-2", "reason": "r"}, {"Cookie": store, **SAME})
        self.assertProblem(answer, 403)

    def test_keys_that_do_not_sign_in(self):
        for key, status in [
            ("tk_wrong", 401), (self.agent + "x", 401), ("", 400), (7, 400), (self.backend, 403),
            (self.throughline.key("storefront"), 403), (self.throughline.key("store", holder="machine"), 403),
        ]:
            with self.subTest(key):
                answer = self.ask("POST", "/session", {"key": key}, SAME)
                self.assertProblem(answer, status)
                self.assertIsNone(answer.headers["Set-Cookie"])

    def test_no_other_origin_uses_it(self):
        cookie = self.sign_in()
        host = f"127.0.0.1:{self.throughline.port}"
        for headers in [
            {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
            {"Sec-Fetch-Site": "cross-site", "Origin": f"http://{host}"}, {"Origin": "https://evil.test"},
            {"Origin": "null"}, {"Origin": f"https://{host}"}, {"Origin": f"http://{host}.evil.test"}, {"X-Other": "1"},
            {"Sec-Fetch-Site": "cross-site", "Throughline-Console": "1"},
            {"Origin": "https://evil.test", "Throughline-Console": "1"},
        ]:
            with self.subTest(headers):
                self.assertProblem(self.read(cookie, **headers), 403)
                merge = self.ask(
                    "POST", f"{CUSTOMER}/merges", {"with": "user_id:u-2", "reason": "r"}, {"Cookie": cookie, **headers})
                self.assertProblem(merge, 403)
                for method in "PUT", "DELETE":
                    self.assertProblem(self.ask(method, "/session", key={"Cookie": cookie, **headers}), 403)
                self.assertProblem(self.ask("POST", "/session", {"key": self.agent}, headers), 403)
        for headers in SAME, {"Origin": f"http://{host}"}, {"Throughline-Console": "1"}:
            self.assertEqual(self.read(cookie, **headers).status, 200, headers)

    def test_no_page_may_ask_for_the_mark(self):
        """What stands in for the browser's own fields is not among the headers that a preflight lets through."""
        answer = self.throughline.call("OPTIONS", CUSTOMER, headers={
            "Origin": "https://evil.test", "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "throughline-console"})
        self.assertNotIn("throughline-console", (answer.headers["Access-Control-Allow-Headers"] or "").lower())
        self.assertIsNone(answer.headers["Access-Control-Allow-Credentials"])

    def test_sign_out_ends_every_copy_of_it_also_after_a_restart(self):
        cookie, other = self.sign_in(), self.sign_in()
        answer = self.ask("DELETE", "/session", key={"Cookie": cookie, **SAME})
        self.assertEqual(answer.status, 204)
        self.assertIn("Max-Age=0", answer.headers["Set-Cookie"])
        self.assertProblem(self.read(cookie), 401)
        self.assertProblem(self.ask("PUT", "/session", key={"Cookie": cookie, **SAME}), 401)
        self.throughline.stop()
        self.throughline.start()
        self.assertProblem(self.read(cookie), 401)
        self.assertEqual(self.read(other).status, 200)
        self.assertEqual(self.ask("DELETE", "/session", key=SAME).status, 204)

    def test_a_revoked_key_ends_it(self):
        cookie = self.sign_in()
        listed = self.throughline.made("key", "list")
        self.assertIn("agent  bob", listed)
        self.assertNotIn(self.agent, listed)
        self.throughline.made("key", "revoke", "bob")
        self.assertProblem(self.read(cookie), 401)
        self.assertProblem(self.get(CUSTOMER), 401)
        self.assertIn("ended", self.throughline.made("key", "list"))
        self.throughline.stop()
        self.throughline.start()
        self.assertProblem(self.get(CUSTOMER), 401)
        self.assertEqual(self.get(CUSTOMER, self.admin).status, 200)

    def test_a_key_is_revoked_by_one_name(self):
        twin = self.throughline.key("agent", name="bob")
        for name, words in [("bob", "2 keys have this name"), ("nobody", "no key that holds")]:
            done = run("key", "revoke", name, "--data", self.throughline.data)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
        self.throughline.made("key", "revoke", twin.split("_")[1])
        self.assertProblem(self.get(CUSTOMER, twin), 401)
        self.assertEqual(self.get(CUSTOMER).status, 200)

    def test_forged_and_foreign_sessions(self):
        cookie = self.sign_in()
        name, text = cookie.split("=", 1)
        head, claims, signature = text.split(".")
        token = self.ask("POST", "/v1/customers/user_id:u-1/tokens", {}, bearer(self.throughline.key("storefront"))).json["token"]
        for forged in f"{head}.{claims}.{'A' * 43}", f"{head}.{claims}.", token, "x", self.agent, signature:
            with self.subTest(forged):
                self.assertProblem(self.read(f"{name}={forged}"), 401)
        # A session is no token either.
        self.assertProblem(self.get("/v1/customers/me", text), 401)
        # Who brings a key means it, whatever cookie comes with it.
        self.assertProblem(self.ask("GET", CUSTOMER, key={"Cookie": cookie, **SAME, **bearer("tk_wrong")}), 401)

    def test_renewal_keeps_its_id(self):
        cookie = self.sign_in()
        answer = self.ask("PUT", "/session", key={"Cookie": cookie, **SAME})
        self.assertEqual(answer.status, 200)
        renewed = answer.headers["Set-Cookie"].split(";")[0]
        self.ask("DELETE", "/session", key={"Cookie": renewed, **SAME})
        self.assertProblem(self.read(cookie), 401)
        self.assertProblem(self.read(renewed), 401)
        self.assertProblem(self.ask("PUT", "/session", key={}), 401)

    def test_wrong_keys_are_limited(self):
        statuses = [self.ask("POST", "/session", {"key": "tk_wrong"}, SAME).status for _ in range(11)]
        self.assertEqual(statuses, [401] * 10 + [429])
        answer = self.ask("POST", "/session", {"key": "tk_wrong"}, SAME)
        self.assertProblem(answer, 429)
        self.assertLessEqual(int(answer.headers["Retry-After"]), 60)
        # Nobody keeps those out who have a right one.
        self.assertEqual(self.ask("POST", "/session", {"key": self.agent}, SAME).status, 201)
        # Keys themselves work on.
        self.assertEqual(self.get(CUSTOMER).status, 200)

    def test_ties_tell_who_proved_what(self):
        self.post("/v1/identify", {"userId": "u-1", "anonymousId": "an-1"})
        self.post("/v1/identify", {"userId": "u-1", "traits": {"phone": "+12015552345"}})
        answer = self.get(f"{CUSTOMER}/identifiers").json
        tie, = answer["ties"]
        self.assertEqual(sorted(end["type"] for end in tie["between"]), ["anonymous_id", "user_id"])
        self.assertEqual((tie["rule"], tie["source"], tie["type"]), ("login", "shop", "identify"))
        claim, = answer["claims"]
        self.assertEqual((claim["type"], claim["value"], claim["by"]["value"]), ("phone", "+12015552345", "u-1"))
        self.assertProblem(self.get("/v1/customers/user_id:u-9/identifiers"), 404)


class SecureTest(ServerTest):
    def test_over_tls_the_cookie_is_secure_and_of_this_host_alone(self):
        chain, key = self.directory / "chain.pem", self.directory / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", chain], check=True, capture_output=True)
        server = self.server(environment={"THROUGHLINE_CERTIFICATE": str(chain), "THROUGHLINE_CERTIFICATE_KEY": str(key)})

        def ask(method, path, body=None, **headers):
            connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=ssl._create_unverified_context())
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer

        origin = f"https://127.0.0.1:{server.port}"
        answer = ask("POST", "/session", {"key": server.key("agent")}, Origin=origin)
        cookie, *attributes = answer.headers["Set-Cookie"].split("; ")
        self.assertTrue(cookie.startswith("__Host-"), cookie)
        self.assertIn("Secure", attributes)
        self.assertEqual(ask("GET", "/session", Cookie=cookie, Origin=origin).status, 200)
        self.assertEqual(ask("GET", "/session", Cookie=cookie, Origin=origin.replace("https", "http")).status, 403)
        self.assertEqual(ask("GET", "/session", Cookie=cookie.replace("__Host-", ""), Origin=origin).status, 401)


class FilesTest(ContractCase):
    def test_every_file_has_its_fields(self):
        page = self.throughline.get("/")
        self.assertEqual(page.status, 200)
        names = [part.split('"')[0] for part in page.body.decode().split('"/console/')[1:]]
        self.assertGreater(len(names), 10)
        for path in "/", *(f"/console/{name}" for name in names):
            answer = self.throughline.get(path)
            self.assertEqual(answer.status, 200, path)
            policy = answer.headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
            again = self.throughline.call("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
            self.assertEqual(again.status, 304, path)
