"""`throughline prove`: every line passes, and fails in a program from which its protection has been taken."""

import os
import re
import subprocess
import unittest

from server import ServerTest, bearer, run

# What is taken away, and the line that must notice it, on a whole copy and on one that is killed. Where two protections
# stand behind one another, both are taken away.
PROTECTIONS = {
    "the last unit wanted by 200 clients at once": "stock.available",
    "two lines of one order that share one item": "stock.linesTogether",
    "a reservation that expires while it is being paid": "order.expiry",
    "one balance, 20 redemptions at once": "loyalty.balance",
    "20 gifts at once": "request.once",
    "the same hold captured twice": "loyalty.captureOnce",
    "buy, earn, refund": "loyalty.refund",
    "refund of a part": "loyalty.parts",
    "refund after the points were spent": "loyalty.owe",
    "an offline till sends its day twice, and twice at once": "till.number",
    "a batch cut off and sent again": "intake.once",
    "a cart at login with a cart already there": "cart.login",
    "two devices that change one cart": "cart.ifMatch",
    "a cart changed while it is checked out": "cart.checkout",
    "an anonymous visitor who joins a known customer": "identity.claims",
    "an old id after three merges": "identity.formerIds",
    "two people with one phone number": "identity.claims,identity.limits",
    "a store tablet that 500 people used": "identity.browser",
    'userId: "null"': "identity.meaningless",
    "a customer who unsubscribed under one address and was merged with another": "consent.stricter",
    "merge and undo, with orders and points in between": "merge.own",
    "undo of the first of two merges": "merge.oneTie",
}
# More that a line rests on, and the line that notices.
MORE = [
    ("an anonymous visitor who joins a known customer", "identity.known", "an anonymous visitor who joins a known customer"),
    ("an offline till sends its day twice, and twice at once", "intake.once", "an offline till sends its day twice, and twice at once"),
    ("20 gifts at once", "request.once", "verify"),
    ("a customer who unsubscribed under one address and was merged with another", "intake.folds", "replay"),
]
# What a line needs that another shop may have otherwise.
MONEY = [
    "buy, earn, refund", "refund of a part", "refund after the points were spent",
    "an offline till sends its day twice, and twice at once", "merge and undo, with orders and points in between"]
PROGRAMME = {"currency": "EUR", "earn": {"points": 1, "per": 100}, "pointValue": 1}
PRIVATE = ["all of it with kill -9 in the middle of each", "verify and replay"]


def prove(*words, **environment):
    done = run("prove", *words, timeout=300, env={**os.environ, **environment})
    rounds = done.stdout.split("with kill -9 in the middle of each:\n")
    lines = [re.findall(r"^(PASS|FAIL|later|left) +(.*)$", part, re.M) for part in rounds]
    return done, lines


class ProveTest(unittest.TestCase):
    def test_every_line_passes_and_passes_again_under_kills(self):
        done, [whole, killed] = prove()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        passed = [name for told, name in whole]
        self.assertEqual({told for told, _ in whole}, {"PASS"})
        self.assertEqual([name for told, name in killed if told == "PASS"], passed)
        later = [name for told, name in killed if told == "later"]
        self.assertEqual(len(killed), len(passed) + len(later))
        self.assertGreaterEqual(len(passed), 24)
        # What cannot be tried is no PASS.
        self.assertEqual(done.stdout.splitlines()[-1], f"{2 * len(passed)} PASS, 0 FAIL, {len(later)} later")
        self.assertEqual(len(re.findall(r"; killed [1-3] times$", done.stdout, re.M)), len(passed) - 2)
        self.assertEqual([*PROTECTIONS, "verify", "replay"], passed)

    def test_each_line_notices_that_its_protection_is_gone(self):
        for tried, protection, line in [(line, protection, line) for line, protection in PROTECTIONS.items()] + MORE:
            with self.subTest(protection, line=line):
                done, [whole, killed] = prove("--only", tried, THROUGHLINE_WITHOUT=protection)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn(("FAIL", line), whole, done.stdout)
                self.assertIn(("FAIL", line), killed, done.stdout)

    def test_words_of_no_line(self):
        done = run("prove", "--only", "no such line")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("no line has these words", done.stderr)


class RunningServerTest(ServerTest):
    """`throughline prove --url`: what runs is tried with what is made for it, and nothing else is touched."""

    def setUp(self):
        super().setUp()
        self.throughline = self.server()
        self.owner = self.throughline.key("owner", name="olga", holder="machine")

    def put(self, path, body):
        answer = self.throughline.call("PUT", path, body, bearer(self.owner))
        self.assertEqual(answer.status, 200, answer.body)

    def get(self, path):
        return self.throughline.get(path, self.owner).json

    def prove(self, *words, key=None):
        return prove("--url", self.throughline.url, "--key", key or self.owner, *words)

    def test_a_shop_as_the_lines_need_it(self):
        self.put("/v1/documents/programme/default", PROGRAMME)
        self.throughline.post("/v1/identify", {"userId": "ann"}, self.throughline.source("shop"))
        before = self.throughline.customer("user_id:ann", self.owner)
        done, [lines] = self.prove(key=self.throughline.key("admin", name="root", holder="machine"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual([name for told, name in lines if told == "PASS"], list(PROTECTIONS))
        self.assertEqual([name for told, name in lines if told == "left"], PRIVATE)
        self.assertEqual(done.stdout.splitlines()[-1], f"{len(PROTECTIONS)} PASS, 0 FAIL, 2 left out, 4 later")
        # All that it made says so, its keys have ended, and what was there is as it was.
        (tag,) = re.findall("has ([0-9a-z]{8}) in its name", done.stdout)
        made = [source for source in self.get("/v1/documents/source")["data"] if source["name"] != "shop"]
        self.assertEqual([source["name"].split("-")[-1] for source in made], [tag] * 3)
        for source in made:
            (key,) = self.get(f"/v1/keys?source={source['name']}")["data"]
            self.assertIsNotNone(key["expiresAt"])
        after = self.throughline.customer("user_id:ann", self.owner)
        # The shop has prices now, and with them a currency in which an empty cart comes to nothing.
        for picture in before, after:
            del picture["cart"]["totals"]
        self.assertEqual(after, before)
        # A second time, beside what the first one left.
        self.assertEqual(self.prove("--only", "cart")[0].returncode, 0)

    def test_a_shop_that_has_it_otherwise(self):
        self.put("/v1/documents/programme/default", {**PROGRAMME, "pendingDays": 14})
        self.put("/v1/documents/promotion/spring", {"name": "spring", "percent": 15})
        self.put("/v1/documents/cart-policy/default", {"login": "newest"})
        done, [lines] = self.prove()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        left = [name for told, name in lines if told == "left"]
        self.assertEqual(sorted(left), sorted([*MONEY, "a cart at login with a cart already there", *PRIVATE]))
        self.assertEqual(sorted(name for told, name in lines if told == "PASS"), sorted(set(PROTECTIONS) - set(left)))
        self.assertIn("its programme earns otherwise", done.stdout)
        self.assertIn("its cart-policy is another than sum", done.stdout)
        self.assertEqual(self.get("/v1/documents/programme/default")["pendingDays"], 14)

    def test_a_server_without_a_protection(self):
        broken = self.server("broken", environment={"THROUGHLINE_WITHOUT": "stock.available"})
        owner = broken.key("owner", name="olga", holder="machine")
        done, [lines] = prove("--url", broken.url, "--key", owner, "--only", "the last unit")
        # Its books are wrong now, as they must be.
        broken.stop()
        self.servers.remove(broken)
        self.assertEqual((done.returncode, lines), (1, [("FAIL", "the last unit wanted by 200 clients at once")]))

    def test_over_tls(self):
        chain = self.directory / "chain.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=shop", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.directory / "key.pem",
             "-out", chain], check=True, capture_output=True)
        server = self.server("tls", environment={
            "THROUGHLINE_CERTIFICATE": str(chain), "THROUGHLINE_CERTIFICATE_KEY": str(self.directory / "key.pem")})
        words = ["--key", server.key("owner", name="olga", holder="machine"), "--only", "the last unit"]
        done, [lines] = prove("--url", server.url, *words, SSL_CERT_FILE=str(chain))
        self.assertEqual(
            (done.returncode, lines), (0, [("PASS", "the last unit wanted by 200 clients at once")]), done.stdout + done.stderr)
        # Whose certificate nobody vouches for, or is another's, is told nothing.
        named = server.url.replace("127.0.0.1", "localhost")
        for url, trusted in (server.url, "/dev/null"), (named, str(chain)):
            done, _ = prove("--url", url, *words, SSL_CERT_FILE=trusted, SSL_CERT_DIR="/nowhere")
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertIn("cannot be trusted by its certificate", done.stderr)

    def test_who_may_not_and_what_is_no_address(self):
        done, _ = self.prove(key=self.throughline.key("agent", name="bob"))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("403", done.stderr)
        for words in ["--url", "ftp://shop.test", "--key", "k"], ["--url", "shop.test", "--key", "k"], ["--key", "k"], ["--url", "http://127.0.0.1:1"]:
            done, _ = prove(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(self.get("/v1/documents/source")["data"], [])
