"""The certificate is renewed, while clients read and write."""

import pathlib
import shutil
import ssl
import subprocess
import tempfile
import time

from ..stack import HOST
from ..traffic import traffic


def run(stack, report, writers):
    before = ssl.get_server_certificate((HOST, 8443))
    with traffic(stack, writers) as seen:
        certificate, key = new_certificate(stack)
        stack.trust(certificate)
        stack.rewrite("tls_certificate", certificate)
        stack.rewrite("tls_key", key)
        stack["proxy"].signal("HUP")
        changed = wait_for_another(before)
    report.check("the renewed certificate", changed, "served after a reload" if changed else "not served")
    report.kept("reload of the proxy", seen)


def new_certificate(stack):
    """A certificate and its key, made by scripts/make-secrets."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = pathlib.Path(folder, "scripts")
        scripts.mkdir()
        shutil.copy(stack.folder / "scripts/make-secrets", scripts)
        subprocess.run([scripts / "make-secrets", HOST], check=True, stdout=subprocess.DEVNULL)
        secrets = pathlib.Path(folder, "secrets")
        return (secrets / "tls_certificate").read_text(), (secrets / "tls_key").read_text()


def wait_for_another(before):
    for _ in range(300):
        if ssl.get_server_certificate((HOST, 8443)) != before:
            return True
        time.sleep(0.1)
    return False
