"""Runs browser-test in Chromium, through WebDriver (https://www.w3.org/TR/webdriver2/)."""

import http.server
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

API, PAGE_PORT, TOKEN = sys.argv[1], int(sys.argv[2]), sys.argv[3]
TIMEOUT = 60
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    def __init__(self, profile):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        port = next(m[1] for m in (re.search(r"on port (\d+)\.", l) for l in self.driver.stdout) if m)
        self.base = f"http://127.0.0.1:{port}/session"
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"]
        arguments += [f"--user-data-dir={profile}", "--window-size=1400,2000"]
        options = {"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.call("POST", "", {"capabilities": {"alwaysMatch": options}})
        self.base += "/" + session["sessionId"]
        self.call("POST", "/timeouts", {"script": TIMEOUT * 1000})

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        try:
            with self.opener.open(request, timeout=2 * TIMEOUT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/async", {"script": script, "args": arguments})

    def find(self, xpath):
        deadline = time.monotonic() + TIMEOUT
        while True:
            found = self.call("POST", "/elements", {"using": "xpath", "value": xpath})
            if found:
                return "/element/" + found[0][ELEMENT]
            assert time.monotonic() < deadline, f"not found: {xpath}"
            time.sleep(0.1)

    def click(self, xpath):
        self.call("POST", self.find(xpath) + "/click", {})

    def errors_and_warnings(self):
        log = self.call("POST", "/se/log", {"type": "browser"})
        return [line["message"] for line in log if line["level"] in ("SEVERE", "WARNING")]

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title>")

    def log_message(self, *_):
        pass


FETCH = """
const [url, options, done] = arguments;
fetch(url, options).then(async answer => done({
    status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text(),
}), error => done(null));
"""


def check_origins(browser):
    def fetch(path, method="GET", body=None, **headers):
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        return browser.run(FETCH, API + path, {"method": method, "headers": headers, "body": body})

    bearer = {"Authorization": f"Bearer {TOKEN}"}
    merge = {"Content_Type": "application/merge-patch+json", "If_Match": '"0"'}

    browser.open(f"http://127.0.0.1:{PAGE_PORT}/")
    books = fetch("/api/v1/books")
    assert books["status"] == 200 and books["headers"]["x-total-count"] == "50", books
    for name in ["link", "x-request-id", "api-version"]:
        assert name in books["headers"], name
    assert "x-frame-options" not in books["headers"], books["headers"]
    assert fetch("/api/v1/books/42")["headers"]["etag"]
    assert json.loads(fetch("/api/v1/auth/me", **bearer)["text"])["data"]["email"] == "user@example.com"
    made = fetch("/api/v1/books", "POST", '{"title": "T", "author": "A"}',
                 Content_Type="application/json", Idempotency_Key="one", **bearer)
    assert made["status"] == 201 and made["headers"]["location"] == "/api/v1/books/51", made
    for path, method, status, headers in [
        ("/api/v1/auth/me", "GET", 401, {}),
        ("/api/v1/books/42", "DELETE", 403, bearer),
        ("/api/v1/nothing", "GET", 404, bearer),
        ("/api/v1/books/42", "POST", 405, {}),
        ("/api/v1/books/42", "PATCH", 412, bearer | merge),
    ]:
        answer = fetch(path, method, "{}" if method in ("POST", "PATCH") else None, **headers)
        assert answer and answer["status"] == status, (path, method, answer)
        assert json.loads(answer["text"])["error"]["code"] == status

    assert fetch("/health") is None, "a page can read what is outside the API"
    assert fetch("/apidocs/openapi.json") is None, "a page can read what is outside the API"
    assert fetch("/api/v1/books", X_Other="1") is None, "a page can send any header"
    with_cookies = {"credentials": "include"}
    answer = browser.run(FETCH, API + "/api/v1/books", with_cookies)
    assert answer is None, "a page can send cookies"

    browser.open(f"http://localhost:{PAGE_PORT}/")
    assert browser.run("arguments[0](document.title)") == "A page"
    assert fetch("/api/v1/books") is None, "any origin can read"
    assert fetch("/api/v1/auth/me", **bearer) is None, "any origin can read"
    assert fetch("/api/v1/books/42", "PATCH", "{}", **(bearer | merge)) is None, "any origin can write"


def check_documentation(browser):
    browser.open("about:blank")
    # Reading the log also empties it.
    browser.errors_and_warnings()
    browser.open(API + "/apidocs/")
    operation = '//div[contains(@class, "opblock-get")][.//*[@data-path="/api/v1/auth/me"]]'
    browser.find(operation)
    browser.click('//button[contains(@class, "btn authorize")]')
    field = browser.find('//div[contains(@class, "auth-container")][.//code[contains(., "bearer")]]//input'
                         ' | //input[@id="auth-bearer-value"]')
    browser.call("POST", field + "/value", {"text": TOKEN})
    browser.click('//form[.//input[@id="auth-bearer-value"]]//button[contains(., "Authorize")]')
    browser.click('//button[contains(@class, "btn-done")]')
    browser.click(operation + '//button[contains(@class, "opblock-summary-control")]')
    browser.click(operation + '//button[contains(@class, "try-out__btn")]')
    browser.click(operation + '//button[contains(@class, "execute")]')
    live = operation + '//table[contains(@class, "live-responses-table")]'
    browser.find(live + '//td[contains(@class, "response-col_status")][contains(., "200")]')
    browser.find(live + '//*[contains(., "user@example.com")]')
    logged = browser.errors_and_warnings()
    assert not logged, logged


def main():
    page = http.server.ThreadingHTTPServer(("127.0.0.1", PAGE_PORT), Page)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            for check in [check_origins, check_documentation]:
                check(browser)
                print(check.__name__, "ok")
        finally:
            browser.close()


main()
