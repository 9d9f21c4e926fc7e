"""docs/openapi.yaml as a judge of answers: what comes from a path has to be what the file says of it.

The schemas of OpenAPI 3.1 are JSON Schema 2020-12, which Debian's python3-jsonschema knows; references are put in their
place here, since every version of it follows them in another way.
"""
import json
import pathlib
import re

import jsonschema
import yaml

FILE = pathlib.Path(__file__).resolve().parents[2] / "docs/openapi.yaml"


def inlined(node, whole):
    if isinstance(node, dict):
        if "$ref" in node:
            at = whole
            for key in node["$ref"].removeprefix("#/").split("/"):
                at = at[key]
            return inlined(at, whole)
        return {key: inlined(value, whole) for key, value in node.items()}
    return [inlined(value, whole) for value in node] if isinstance(node, list) else node


class Contract:
    def __init__(self):
        whole = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        assert whole["openapi"].startswith("3.1.")
        self.paths = inlined(whole["paths"], whole)
        self.patterns = {path: re.compile("^" + re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + "$") for path in self.paths}
        self.events = inlined(whole["components"]["schemas"]["Events"]["properties"], whole)
        self.seen = set()
        for operation in self.operations():
            for answer in operation[2]["responses"].values():
                for content in answer.get("content", {}).values():
                    jsonschema.Draft202012Validator.check_schema(content["schema"])

    def operations(self):
        """(method, path, what the file says)"""
        return [(method.upper(), path, said) for path, methods in self.paths.items() for method, said in methods.items()]

    def judge_event(self, kind, data):
        jsonschema.Draft202012Validator(self.events[kind]).validate(data)

    def judge(self, method, target, status, content_type, body):
        """Fails where the answer is not one of those that the file has for this."""
        path = target.partition("?")[0]
        method = "GET" if method == "HEAD" else method
        known = next((p for p, pattern in self.patterns.items() if pattern.match(path)), None)
        if known is None or method.lower() not in self.paths[known]:
            assert status in (400, 404, 405, 413), f"{method} {path} is not in {FILE.name}, and answers {status}"
            said = self.paths["/api/v1/session"]["get"]["responses"]["default"]
        else:
            self.seen.add((method, known))
            answers = self.paths[known][method.lower()]["responses"]
            said = answers.get(str(status)) or answers.get("default")
            assert said is not None, f"{method} {path}: {FILE.name} has no answer {status}"
        contents = said.get("content")
        if contents is None:
            assert not body, f"{method} {path}: {status} has a body"
            return
        media = content_type.partition(";")[0]
        assert media in contents, f"{method} {path}: {status} is {content_type}, {FILE.name} has {list(contents)}"
        if media.endswith("json") and body:
            jsonschema.Draft202012Validator(contents[media]["schema"]).validate(json.loads(body))
