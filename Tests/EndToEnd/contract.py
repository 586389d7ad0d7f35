"""Holds requests and answers to the OpenAPI document that the server itself serves."""

import json
import re

import jsonschema

from server import ServerTest, basic, bearer


class Contract:
    def __init__(self, document):
        self.document = document
        self.paths = [
            (re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + "/?"), path)
            for path in document["paths"]
        ]
        self.seen = set()

    def operation(self, method, path):
        path = path.split("?")[0]
        for pattern, template in self.paths:
            if pattern.fullmatch(path) and method.lower() in self.document["paths"][template]:
                return template, self.document["paths"][template][method.lower()]
        raise AssertionError(f"the document has no {method} {path}")

    def schema_errors(self, schema, value):
        whole = {**schema, "components": self.document["components"]}
        validator = jsonschema.Draft202012Validator(
            whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def check(self, method, path, body, answer):
        """Raises where the answer is not what the document promises, or what was accepted not what it asks for."""
        template, operation = self.operation(method, path)
        where = f"{method} {template} → {answer.status}"
        promised = operation["responses"].get(str(answer.status))
        assert promised is not None, f"{where} is not in the document: {answer.body[:300]}"
        self.seen.add((method, template, answer.status))
        asked_for_a_look = isinstance(body, dict) and body.get("dryRun")
        if "Throughline-Sequence" in promised.get("headers", {}) and not asked_for_a_look:
            assert (answer.headers["Throughline-Sequence"] or "").isdecimal(), f"{where} does not say where it stands"
        media = (answer.headers["Content-Type"] or "").split(";")[0]
        if "content" not in promised:
            assert answer.body == b"", f"{where} promises no body"
        else:
            assert media in promised["content"], f"{where} does not promise {media}"
            schema = promised["content"][media].get("schema")
            if schema:
                errors = self.schema_errors(schema, answer.json)
                assert not errors, f"{where}: {errors}"
        if answer.status < 300 and isinstance(body, (dict, list)):
            schema = next(iter(operation["requestBody"]["content"].values()))["schema"]
            errors = self.schema_errors(schema, json.loads(json.dumps(body)))
            assert not errors, f"{where} accepted what the document refuses: {errors}"


class ContractCase(ServerTest):
    """A server with a shop's backend, a page whose key is public, an agent and an admin; every answer is held to its
    document."""

    # How the server is started.
    options = {}

    def setUp(self):
        super().setUp()
        self.throughline = self.server(**self.options)
        self.backend = self.throughline.source("shop")
        self.page = self.throughline.source("page", trust="anonymous")
        self.agent = self.throughline.key("agent", name="bob")
        self.admin = self.throughline.key("admin", name="root")
        self.document = self.throughline.get("/openapi.json").json
        self.contract = Contract(self.document)

    def ask(self, method, path, body=None, key=None, **headers):
        """A request whose answer must be as the document says.

        `key` is the text of one (the agent's, if none is given) or the header fields that bring another proof, or none.
        """
        proof = key if isinstance(key, dict) else bearer(key or self.agent)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.throughline.call(method, path, body, {**proof, **headers}, timeout=60)
        self.contract.check(method, path, body, answer)
        return answer

    def post(self, path, body, key=None):
        """An event, by a write key."""
        return self.ask("POST", path, body, basic(key or self.backend))

    def get(self, path, key=None):
        return self.ask("GET", path, key=key)
