"""Tests of openapi-breaking: `python3 scripts/openapi_breaking_test.py`."""

import copy
import importlib.machinery
import importlib.util
import json
import pathlib
import unittest

HERE = pathlib.Path(__file__).parent
LOADER = importlib.machinery.SourceFileLoader("breaking", str(HERE / "openapi-breaking"))
breaking = importlib.util.module_from_spec(importlib.util.spec_from_loader("breaking", LOADER))
LOADER.exec_module(breaking)
DOCUMENT = json.loads((HERE.parent / breaking.FILE).read_text())


def breaks(change):
    """What a change of the document breaks. The change is given the document."""
    after = copy.deepcopy(DOCUMENT)
    change(after)
    return breaking.Comparison(DOCUMENT, after).run()


def schema(document, name):
    return document["components"]["schemas"][name]


class Breaks(unittest.TestCase):
    def assert_break(self, change, words):
        found = breaks(change)
        self.assertTrue(any(words in line for line in found), found)

    def test_nothing(self):
        self.assertEqual(breaks(lambda _: None), [])

    def test_additions(self):
        def change(d):
            d["paths"]["/api/v1/new"] = {"get": {"operationId": "new", "responses": {}}}
            schema(d, "BookInput")["properties"]["new"] = {"type": "string"}
            schema(d, "Rating")["properties"]["new"] = {"type": "string"}
            schema(d, "BookInput")["properties"]["title"]["maxLength"] = 300
            schema(d, "BookInput")["required"].remove("author")
        self.assertEqual(breaks(change), [])

    def test_removals(self):
        self.assert_break(lambda d: d["paths"].pop("/api/v1/books"), "the path is gone")
        self.assert_break(lambda d: d["paths"]["/api/v1/books"].pop("post"), "operation is gone")
        self.assert_break(lambda d: schema(d, "Rating")["properties"].pop("count"), "member is gone")
        self.assert_break(lambda d: schema(d, "BookInput")["properties"].pop("isbn"), "isbn")

        def parameter(d):
            d["paths"]["/api/v1/books"]["get"]["parameters"].pop(0)
        self.assert_break(parameter, "query parameter title: it is gone")

        def media_type(d):
            d["paths"]["/api/v1/books/export"]["get"]["responses"]["200"]["content"].popitem()
        self.assert_break(media_type, "the media type")

    def test_requests_that_were_allowed(self):
        def new_member(d):
            schema(d, "BookInput")["properties"]["shop"] = {"type": "string"}
            schema(d, "BookInput")["required"].append("shop")
        self.assert_break(new_member, "shop: the member is required now")

        def null(d):
            schema(d, "BookInput")["properties"]["isbn"]["type"] = "string"
        self.assert_break(null, "the type was null or string and is string")

        def length(d):
            schema(d, "BookInput")["properties"]["title"]["maxLength"] = 100
        self.assert_break(length, "maxLength is 100 now, and was 200")

        def choice(d):
            schema(d, "NewApiKey")["properties"]["permissions"]["items"]["enum"].remove("admin")
        self.assert_break(choice, "['admin'] is not allowed any more")

    def test_responses_that_were_understood(self):
        def null(d):
            schema(d, "Rating")["properties"]["count"]["type"] = ["integer", "null"]
        self.assert_break(null, "the type was integer and is integer or null")
        self.assert_break(lambda d: schema(d, "Rating")["required"].remove("count"), "may be missing")

    def test_the_changelog(self):
        text = "## [Unreleased]\n\n- **Breaking**: x\n\n## [0.1.0]\n"
        self.assertTrue(breaking.announces_a_break(text))
        self.assertFalse(breaking.announces_a_break("## [Unreleased]\n## [0.1.0]\n- **Breaking**\n"))


if __name__ == "__main__":
    unittest.main()
