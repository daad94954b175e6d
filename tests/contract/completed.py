"""ministack with the two things that a release needs and it lacks: for the backend's own tests (serve.py starts it for them).

    .tools/ministack/bin/python tests/contract/completed.py PORT

- `DeriveSharedSecret`: ECDH with the key that ministack itself made. Whether the caller may, ministack has decided before.
- `kms:EncryptionContext:<name>` among the condition keys of a KMS request, so that it can decide by the session policy as the
  backend writes it. Nothing of the backend knows that it talks to ministack, and no policy is another one for it.

Everything that decides is ministack's: signature, trust, role policy, session policy, time and expiry. It ends when its standard
input does, and so not later than the test that started it.
"""

import base64
import json
import os
import sys
import threading

os.environ.update(
    AUTH="true",
    BIND_HOST="127.0.0.1",
    GATEWAY_PORT=sys.argv.pop(),
    SERVICES="kms,sts,iam",
    MINISTACK_ACCOUNT_ID="123456789012",
    LOG_LEVEL="WARNING",
)

from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from ministack import app  # noqa: E402
from ministack.core import iam_actions, responses  # noqa: E402
from ministack.services import kms  # noqa: E402

tags_of_request = iam_actions.request_tag_context
answer_as_it_is = kms.handle_request


def context_of_request(service: str, action: str, body: bytes, parameters: dict) -> dict:
    """What ministack supplies to policies, and the encryption context."""
    supplied = tags_of_request(service, action, body, parameters)
    if service == "kms":
        pairs = json.loads(body or b"{}").get("EncryptionContext") or {}
        supplied |= {f"kms:EncryptionContext:{name}": value for name, value in pairs.items()}
    return supplied


async def answer(method, path, headers, body, parameters):
    if headers.get("x-amz-target") == "TrentService.DeriveSharedSecret":
        return derived(json.loads(body))
    return await answer_as_it_is(method, path, headers, body, parameters)


def derived(asked: dict):
    key = kms._resolve_key(asked["KeyId"])
    if key is None or key["KeyUsage"] != "KEY_AGREEMENT":
        return responses.error_response_json("InvalidKeyUsageException", "The key is not for agreement.", 400)
    if refused := kms._check_key_state(key):
        return refused
    try:
        point = serialization.load_der_public_key(base64.b64decode(asked["PublicKey"]))
    except ValueError:
        return responses.error_response_json("ValidationException", "PublicKey is not a point of the curve.", 400)
    secret = key["_private_key"].exchange(ec.ECDH(), point)
    return responses.json_response({
        "KeyId": key["Arn"],
        "SharedSecret": base64.b64encode(secret).decode(),
        "KeyAgreementAlgorithm": "ECDH",
        "KeyOrigin": "AWS_KMS",
    })


def end_with_the_test():
    sys.stdin.read()
    os._exit(0)


iam_actions.request_tag_context = context_of_request
kms.handle_request = answer
threading.Thread(target=end_with_the_test, daemon=True).start()
app.main()
