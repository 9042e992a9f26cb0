"""What the attack sends: images and files that are small to send and costly to read."""

import struct
import zlib

MIB = 1 << 20


def png(width, height, colour, orientation):
    """A PNG of 16 bits per channel with an orientation: small as a file, large when decoded."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    channels = {2: 3, 6: 4}[colour]
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0) + b"\0" * 4
    packer = zlib.compressobj(1)
    row = b"\0" + bytes([0, 90] * (width * channels))
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"eXIf", exif)
        + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def files():
    """Reading histories that are costly to read: (media type, content)."""
    goodreads = "Title,Author,Exclusive Shelf,My Review\n"
    storygraph = "Title,Authors,Read Status,Dates Read\n"
    marks = goodreads + f'A,B,read,{"&" * MIB}\n' * 50
    dates = storygraph + f'A,B,read,"{"x," * 500_000}"\n' * 40
    members = "".join(f',"{number}":1' for number in range(90_000))
    rows = f'{{"title":"A","author":"B","status":"read"{members}}}\n' * 40
    return [
        ("text/csv", marks.encode()),
        ("text/csv", dates.encode()),
        ("application/x-ndjson", rows.encode()),
    ]
