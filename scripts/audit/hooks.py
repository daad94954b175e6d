"""What the tool that calls the API is taught of this one, and loads by itself: which lists of ids lead somewhere, and how
computer-aided dispatch signs what it tells (RFC 9421, RFC 9530).

AUDIT_WORDS is what the portal under audit says of itself, AUDIT_LISTS which lists of ids its bodies have, and AUDIT_CALLER who calls.
"""

import base64
import hashlib
import hmac
import json
import os
import re
from urllib.parse import urlsplit

import requests
import schemathesis

WORDS = json.loads(os.environ["AUDIT_WORDS"])
# Lists of ids in bodies, and ids that lead somewhere.
LISTS = json.loads(os.environ["AUDIT_LISTS"])
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FEED = WORDS["feed"]


@schemathesis.hook
def map_body(context, body):
    """Made-up ids lead nowhere. A list that is made of two or three as it should be becomes one of what is there, another one each time."""
    for name, there in LISTS.items() if isinstance(body, dict) else ():
        ids = body.get(name)
        if isinstance(ids, list) and 1 < len(ids) < 4 and all(isinstance(one, str) and UUID.fullmatch(one) for one in ids):
            body[name] = [there[int(ids[0][:8], 16) % len(there)]]
    return body


class Signed(requests.auth.AuthBase):
    """The signature of one call, made of its own bytes. A header that the call leaves out stays out: it has to be refused."""

    def __call__(self, call: requests.PreparedRequest) -> requests.PreparedRequest:
        body = call.body or b""
        body = body.encode() if isinstance(body, str) else body
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
        covered = f'("@method" "@path" "content-digest");created={FEED["time"]};keyid="audit";tag="halligan/v1/cad"'
        path = urlsplit(call.url).path
        base = f'"@method": {call.method}\n"@path": {path}\n"content-digest": {digest}\n"@signature-params": {covered}'
        signature = base64.b64encode(hmac.digest(bytes.fromhex(FEED["key"]), base.encode(), "sha256")).decode()
        right = {"Content-Digest": digest, "Signature-Input": f"cad={covered}", "Signature": f"cad=:{signature}:"}
        call.headers.update({name: value for name, value in right.items() if name in call.headers})
        return call


if os.environ["AUDIT_CALLER"] == FEED["caller"]:
    schemathesis.auth.set_from_requests(Signed()).apply_to(path_regex="^/api/v1/incidents/")
