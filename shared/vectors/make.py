"""Makes record.json: vectors of the record's cryptography by an implementation that shares no line with ours.

P-256 in plain integers; AES-GCM and HKDF by the package `cryptography`. Deterministic: the same seed, the same file.

    python3 -m venv v && v/bin/pip install cryptography && v/bin/python make.py > record.json
"""

import hashlib
import json
import random
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# NIST P-256, SP 800-186 section 3.2.1.3.
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
draw = random.Random(20261124)


def add(a, b):
    if a is None:
        return b
    if b is None:
        return a
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point, k = add(point, point), k >> 1
    return out


def y_over(x):
    square = (pow(x, 3, P) - 3 * x + B) % P
    y = pow(square, (P + 1) // 4, P)
    return y if y * y % P == square else None


def sec1(point):
    return bytes([2 + (point[1] & 1)]) + point[0].to_bytes(32, "big")


def number(n):
    return n.to_bytes(32, "big").hex()


def scalar():
    return draw.randrange(1, N)


def some(n):
    return draw.randbytes(n)


def symbols(reference):
    value = int.from_bytes(reference, "big") << 2
    return with_check([(value >> (5 * (25 - i))) & 31 for i in range(26)])


def with_check(data):
    """26 data symbols and two check symbols: the sum of all is zero, and the sum of each times 2^place too."""

    def weight(word):
        total = 0
        for symbol in word:
            total = (total << 1) ^ (0b100101 if total & 16 else 0) ^ symbol
        return total

    def plain(word):
        total = 0
        for symbol in word:
            total ^= symbol
        return total

    for a in range(32):
        for b in range(32):
            if plain(data + [a, b]) == 0 and weight(data + [a, b]) == 0:
                return "".join(ALPHABET[symbol] for symbol in data + [a, b])


def record():
    s, c, r = scalar(), scalar(), scalar()
    authority, point = times(s, G), times(c, G)
    share2 = times(c, authority)[0]
    blinded = times(r, point)
    x = times(s, blinded)[0]
    unblinded = times(pow(r, -1, N), (x, y_over(x)))[0]
    assert unblinded == share2
    share1, record_id, document, version = some(32), some(16), some(16), draw.randrange(1, 1000)
    key = HKDF(hashes.SHA256(), 32, salt=sec1(point), info=b"halligan/v1/record-key" + record_id).derive(
        share1 + share2.to_bytes(32, "big")
    )
    nonce, plaintext = some(12), some(draw.randrange(0, 200))
    aad = b"halligan/v1/record" + record_id + document + version.to_bytes(4, "big")
    return {
        "authority_point": sec1(authority).hex(),
        "c": number(c),
        "point": sec1(point).hex(),
        "r": number(r),
        "blinded_point": sec1(blinded).hex(),
        "blinded_share": number(x),
        "share1": share1.hex(),
        "share2": number(share2),
        "record": record_id.hex(),
        "key": key.hex(),
        "document": document.hex(),
        "version": version,
        "nonce": nonce.hex(),
        "plaintext": plaintext.hex(),
        "sealed": (nonce + AESGCM(key).encrypt(nonce, plaintext, aad)).hex(),
    }


def carried():
    """A share on its way to a page: ECDH of a fresh e and the page's P, both points in the salt, the grant in the info."""
    p, e, share, grant = scalar(), scalar(), some(32), str(uuid.UUID(bytes=some(16)))
    page, sender = times(p, G), times(e, G)
    key = HKDF(hashes.SHA256(), 32, salt=sec1(sender) + sec1(page), info=b"halligan/v1/carried-share" + grant.encode()).derive(
        times(e, page)[0].to_bytes(32, "big")
    )
    return {
        "p": number(p),
        "page_point": sec1(page).hex(),
        "e": number(e),
        "point": sec1(sender).hex(),
        "grant": grant,
        "share": share.hex(),
        "sealed": AESGCM(key).encrypt(bytes(12), share, None).hex(),
    }


def reference():
    bits = some(16)
    digest = hashlib.sha256(b"halligan/v1/reference" + bits).hexdigest()
    return {"bits": bits.hex(), "compact": symbols(bits), "digest": digest}


def spoiled(reference):
    """Texts that are no reference: each a good one with one thing wrong."""
    good = symbols(reference)
    last = len(good) - 1
    wrong = ALPHABET[(ALPHABET.index(good[5]) + 1) % 32]
    spare = int.from_bytes(reference, "big") << 2 | 1
    yield "a wrong symbol", good[:5] + wrong + good[6:]
    yield "the first and the last symbol exchanged", good[last] + good[1:last] + good[0]
    yield "a symbol missing", good[:last]
    yield "a symbol too many", good + "0"
    yield "a letter outside the alphabet", "U" + good[1:]
    yield "spare bits set", with_check([(spare >> (5 * (25 - i))) & 31 for i in range(26)])


def payload():
    bits = some(16)
    origin = draw.choice(["https://portal.example", "http://localhost:8080", "https://halligan.example:8443"])
    return {"bits": bits.hex(), "origin": origin, "payload": f"{origin}/s#{symbols(bits)}"}


def not_a_bracelet(bits):
    """Scanned texts that the portal at https://portal.example must not read, around a good reference."""
    good = symbols(bits)
    return [
        "",
        "javascript:alert(1)",
        f"javascript:alert(1)//https://portal.example/s#{good}",
        f"https://evil.example/s#{good}",
        f"https://portal.example@evil.example/s#{good}",
        f"https://member@portal.example/s#{good}",
        f"https://portal.example.evil.example/s#{good}",
        f"https://portal.example:444/s#{good}",
        f"http://portal.example/s#{good}",
        f"https://portal.example/s/#{good}",
        f"https://portal.example/s?x#{good}",
        f"https://portal.example/s#{good}#{good}",
        f"https://portal.example/s#{good[1:]}",
        f"https://portal.example/s#{good}\0",
        f"https://p\u043ertal.example/s#{good}",
        f"shlink:/{good}",
    ]


def frame(header, content):
    """The digest of the whole plaintext says whether both sides spell the same bytes."""
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    plaintext = len(text).to_bytes(4, "big") + text + content
    plaintext += bytes(-len(plaintext) % (16 << 10))
    return {"header": header, "content": content.hex(), "length": len(plaintext), "digest": hashlib.sha256(plaintext).hexdigest()}


def frames():
    for length in (0, 1, 500):
        line = {"document": some(16).hex(), "title": "R\u00f6ntgen \"Thorax\"", "media_type": "image/png", "bytes": 7}
        content = some(length)
        yield frame({"kind": "summary", "bytes": length, "drill": length == 0, "attachments": [line] * (length % 3)}, content)
        yield frame({"kind": "attachment", "bytes": length, "title": "Arztbrief", "media_type": "application/pdf"}, content)


def off_curve():
    while True:
        x = draw.randrange(P)
        if y_over(x) is None:
            return x


x = off_curve()
good = times(scalar(), G)
vectors = {
    "records": [record() for _ in range(12)],
    "references": [reference() for _ in range(12)] + [{"bits": "00" * 16, "compact": "0" * 28,
        "digest": hashlib.sha256(b"halligan/v1/reference" + bytes(16)).hexdigest()}],
    "malformed_points": [
        {"what": "the identity", "bytes": "00"},
        {"what": "zeros", "bytes": "00" * 33},
        {"what": "an x-coordinate without a point", "bytes": "02" + number(x)},
        {"what": "an x-coordinate past the field", "bytes": "02" + number(P)},
        {"what": "the compact form", "bytes": "05" + number(good[0])},
        {"what": "an uncompressed point off the curve", "bytes": "04" + number(good[0]) + number((good[1] + 1) % P)},
        {"what": "the hybrid form", "bytes": bytes([6 + (good[1] & 1)]).hex() + number(good[0]) + number(good[1])},
        {"what": "one byte short", "bytes": sec1(good)[:32].hex()},
        {"what": "one byte long", "bytes": sec1(good).hex() + "00"},
        {"what": "nothing", "bytes": ""},
    ],
    "unliftable": [number(off_curve()), number(P), "ff" * 32],
    "malformed_references": [{"what": what, "text": text} for what, text in spoiled(some(16))],
    "payloads": [payload() for _ in range(4)],
    "not_bracelets": not_a_bracelet(some(16)),
    "frames": list(frames()),
}
# Drawn last: what was drawn before stays what it was.
for vector in vectors["references"]:
    bits, record_id = bytes.fromhex(vector["bits"]), some(16)
    vector["record"] = record_id.hex()
    vector["binding"] = hashlib.sha256(b"halligan/v1/bracelet" + bits + record_id).hexdigest()
vectors["carried"] = [carried() for _ in range(6)]
print(json.dumps(vectors, indent=1))
