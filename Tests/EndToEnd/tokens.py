"""A shop whose pages bring tokens and hashes: what the tests of both have in common."""

import base64
import hashlib
import hmac
import json

from contract import ContractCase
from server import basic, run


def user_hash(secret, user):
    """What the shop's server makes for its page."""
    return hmac.new(secret.encode(), user.encode(), hashlib.sha256).hexdigest()


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def claims(token):
    """What stands in a token, which nobody but the server need read."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def forged(header, body, key=b""):
    """A token of anybody's own making."""
    signed = f"{part(header)}.{part(body)}"
    signature = hmac.new(key, signed.encode(), hashlib.sha256).digest() if key else b""
    return f"{signed}.{part(signature) if signature else ''}"


class TokenCase(ContractCase):
    """A server with a shop's backend, a page whose key is public, a storefront, an agent, an admin."""

    def setUp(self):
        super().setUp()
        self.till = self.throughline.source("till", channel="store")
        self.secret = self.throughline.made("source", "secret", "page")
        self.front = self.throughline.key("storefront", name="front")
        self.count = 0

    def post(self, path, body, key=None):
        """An event, or a visitor, by a write key."""
        answer = self.throughline.call("POST", path, body, basic(key or self.page))
        self.contract.check("POST", path, body, answer)
        return answer

    def identify(self, key=None, context=None, **fields):
        self.count += 1
        body = {"messageId": f"m{self.count}", **fields, **({"context": context} if context else {})}
        answer = self.post("/v1/identify", body, key)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["results"][0]

    def token(self, name, **body):
        answer = self.ask("POST", f"/v1/customers/{name}/tokens", body or None, self.front)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json["token"]

    def visitor(self, key=None):
        answer = self.post("/v1/visitors", {}, key)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json["anonymousId"], answer.json["token"]

    def names(self, name):
        identifiers = self.ask("GET", f"/v1/customers/{name}").json["identifiers"]
        return sorted(f'{i["type"]}:{i["value"]}' for i in identifiers)

    def merged(self, one, other):
        answer = self.ask("POST", f"/v1/customers/{one}/merges", {"with": other, "reason": "r"}, self.admin)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["id"]

    def command(self, *words):
        done = run(*words, "--data", self.throughline.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done
