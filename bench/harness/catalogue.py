"""The books of a benchmark: always the same ones, with words whose frequency is known.

The words that the searches look for have letters (w, x, q) that no other word has, so they are
found in exactly the titles that were given them.
"""

import csv
import heapq
import random
import unicodedata
from collections import deque
from dataclasses import dataclass

HALF = "window"  # in every second title
SOME = "oxygen"  # in 2 % of the titles
RARE = "quixotic"  # in ten titles
LETTERS = "ra"  # two letters that many words have
PAGE = 20
# A list counts its matches up to this number.
COUNTED = 10_000

COLUMNS = ["title", "author", "isbn", "genre", "year", "description"]
GENRES = ["Fiction", "History", "Poetry", "Science", "Travel", "Software", "Biography", "Art"]


def isbn(prefix, number):
    """The ISBN-13 with a prefix of three digits and a number of up to nine."""
    digits = f"{prefix}{number:09}"
    weighted = sum(int(digit) * (1, 3)[i % 2] for i, digit in enumerate(digits))
    return digits + str(-weighted % 10)


def words(rng, count):
    """Words of two or three syllables; one in twenty has an accent."""
    consonants, vowels, ends = "bcdfghlmnprstv", "aeiou", ("", "n", "r", "s")
    syllables = [a + b + c for a in consonants for b in vowels for c in ends]
    found = []
    while len(found) < count:
        word = "".join(rng.choices(syllables, k=rng.choice((2, 3))))
        if len(found) % 20 == 0:
            word = word.replace("e", "é", 1)
        found.append(word)
    return found


def rows(count, prefix=978, seed=1, first=0):
    """The books, in the order of the file. Their ISBNs have the prefix and numbers from `first` on.
    Only the catalogue itself has the prefix 978, and the known words."""
    rng = random.Random(seed)
    vocabulary, first_names, last_names = words(rng, 3000), words(rng, 200), words(rng, 2000)
    known = prefix == 978
    for number in range(count):
        title = rng.choices(vocabulary, k=rng.choice((1, 2, 3, 3, 4, 5)))
        if known and number % 2 == 0:
            title.append(HALF)
        # Half of these have HALF too.
        if known and number % 50 == 7 - number // 50 % 2:
            title.insert(0, SOME)
        if known and number % (count // 10) == count // 20:
            title.append(RARE)
        author = f"{rng.choice(first_names)} {rng.choice(last_names)}".title()
        description = " ".join(rng.choices(vocabulary, k=20)) if number % 4 == 0 else ""
        year = "" if number % 50 == 49 else str(rng.randint(1900, 2025))
        yield (
            " ".join(title).capitalize(),
            author,
            isbn(prefix, first + number),
            rng.choice(GENRES),
            year,
            description,
        )


def write(path, count, **options):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(count, **options))


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        yield from enumerate(reader)


SHELF = 20_000


def write_shelf(path, books, rated):
    """A reading history of the first books, in the format of Bookshelf. With ratings, if wanted."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "author", "isbn", "status", "rating"])
        for number, (title, author, isbn, *_) in read(books):
            if number == SHELF:
                break
            writer.writerow([title, author, isbn, "read", rating(number) if rated else ""])


def rating(number):
    return 1 + number * 7 % 5


def plain(text):
    """A text in the form in which it is searched, and sorted at the first level."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@dataclass
class Matches:
    """What a list must answer: the number of its books, and the ISBNs of its first page."""

    total: int
    first: list


def expect_searches(path, searches):
    """The answers to searches, newest first. A search is a list of words."""
    totals = [0] * len(searches)
    newest = [deque(maxlen=PAGE) for _ in searches]
    for _, (title, author, isbn, *_) in read(path):
        title, author = plain(title), plain(author)
        for place, search in enumerate(searches):
            if all(word in title or word in author for word in search):
                totals[place] += 1
                newest[place].append(isbn)
    return [
        Matches(total, list(reversed(page))) for total, page in zip(totals, newest, strict=True)
    ]


def sort_key(sort):
    """The key of a numbered row, or None if the row has none and comes last."""
    title, author, year = (COLUMNS.index(name) for name in ("title", "author", "year"))
    return {
        "title": lambda number, row: plain(row[title]),
        "author": lambda number, row: plain(row[author]),
        "year": lambda number, row: int(row[year]) if row[year] else None,
        "rating": lambda number, row: rating(number) if number < SHELF else None,
        "created_at": lambda number, row: number,
    }[sort]


def expect_sort(path, sort, descending):
    """The keys of the first page of the whole list in this order. Keys, not ISBNs, because the
    database also sorts by accents and case."""
    key = sort_key(sort)
    keys = (key(number, row) for number, row in read(path))
    pick = heapq.nlargest if descending else heapq.nsmallest
    return pick(PAGE, (key for key in keys if key is not None))
