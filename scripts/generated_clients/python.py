"""Uses the client that openapi-python-client generates."""

import io
import os

from bookshelf_client import AuthenticatedClient, Client
from bookshelf_client.api.accounts import login, refresh, register
from bookshelf_client.api.books import (create_book, export_books, get_book, get_cover,
                                        import_books, list_books, patch_book, replace_cover)
from bookshelf_client.models import (BookInput, BookPatch, Credentials, Error, ListBooksOrder,
                                     ListBooksSort, RefreshToken, Registration)
from bookshelf_client.types import File

url, password = os.environ["SERVER_URL"], os.environ["SERVER_PASSWORD"]
nobody = Client(base_url=url)

account = Registration(email="python@example.com", password=password, username="python")
user = register.sync(client=nobody, body=account).data
tokens = login.sync(client=nobody, body=Credentials(email=user.email, password=password)).data
old = RefreshToken(refresh_token=tokens.refresh_token)
tokens = refresh.sync(client=nobody, body=old).data
client = AuthenticatedClient(base_url=url, token=tokens.access_token)

for number in range(5):
    book = BookInput(title=f"Python {number}", author="Guido", year=1991)
    created = create_book.sync_detailed(client=client, body=book, idempotency_key=f"python-{number}")
    assert created.status_code == 201

# A list is read to its end with cursors.
titles, cursor = [], {}
while True:
    page = list_books.sync(client=client, author="guido", per_page=2, sort=ListBooksSort.TITLE,
                           order=ListBooksOrder.ASC, **cursor)
    assert not isinstance(page, Error), page
    titles += [book.title for book in page.data]
    if not page.pagination.next_cursor:
        break
    cursor = {"cursor": page.pagination.next_cursor}
assert titles == [f"Python {number}" for number in range(5)], titles

# The entity tag is a header, so the detailed form of the function is needed.
answer = get_book.sync_detailed(page.data[0].id, client=client)
book, etag = answer.parsed.data, answer.headers["ETag"]
changed = patch_book.sync(book.id, client=client, body=BookPatch(year=2008), if_match=etag)
assert changed.data.year == 2008
conflict = patch_book.sync(book.id, client=client, body=BookPatch(year=2009), if_match=etag)
assert isinstance(conflict, Error) and conflict.error.reason == "precondition_failed", conflict

with open(os.environ["COVER_FILE"], "rb") as image:
    covered = replace_cover.sync(book.id, client=client, body=File(payload=image))
assert covered.data.cover is not None
assert get_cover.sync(book.id, client=client).payload.read(2) in (b"\xff\xd8", b"\x89P")

admin = login.sync(client=nobody, body=Credentials(email="admin@example.com", password=password)).data
admin = AuthenticatedClient(base_url=url, token=admin.access_token)
rows = io.BytesIO(b"title,author\nImported by Python,Guido\n,nobody\n")
report = import_books.sync(client=admin, body=File(payload=rows)).data
assert (report.created, report.failed) == (1, 1), report
exported = export_books.sync(client=client).payload.read().decode()
assert "Imported by Python" in exported
print("Python: openapi-python-client works")
