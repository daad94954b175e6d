"""Signatures and credentials."""

import dataclasses

from clients import Credentials, signed_anew, text_of
from .house import RECORD, case


@case("signature", "MissingAuthenticationToken", 403, raw=True)
def nobody_signed_for_sts(house):
    return house.client.ask("sts", "GetCallerIdentity", {}, None)


@case("signature", "MissingAuthenticationTokenException", raw=True)
def nobody_signed_for_kms(house):
    return house.client.ask("kms", "DescribeKey", {"KeyId": house.authority.kek}, None)


@case("signature", "IncompleteSignature", raw=True)
def a_signature_cannot_be_read_by_sts(house):
    return house.sts("GetCallerIdentity", {}, tamper=put("Authorization", "AWS4-HMAC-SHA256 Credential=nobody"))


@case("signature", "IncompleteSignatureException", raw=True)
def a_signature_cannot_be_read_by_kms(house):
    asked = {"KeyId": house.authority.kek}
    return house.kms("DescribeKey", asked, tamper=put("Authorization", "AWS4-HMAC-SHA256 Credential=nobody"))


@case("signature", "SignatureDoesNotMatch", 403)
def the_secret_is_wrong_for_sts(house):
    return house.sts("GetCallerIdentity", {}, dataclasses.replace(house.backend, secret="x" * 40))


@case("signature", "InvalidSignatureException")
def the_secret_is_wrong_for_kms(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, dataclasses.replace(house.backend, secret="x" * 40))


@case("signature", "InvalidSignatureException")
def the_secret_of_a_session_is_wrong(house):
    return house.open(dataclasses.replace(house.decrypter, secret="x" * 40))


@case("signature", "InvalidSignatureException", raw=True)
def the_body_was_changed_on_the_way(house):
    def change(request, **_):
        request.body = request.body.replace(RECORD.encode(), b"bb22")

    return house.kms("Decrypt", house.opening(), house.decrypter, tamper=change)


@case("signature", "InvalidSignatureException", raw=True)
def the_operation_was_changed_on_the_way(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=put("X-Amz-Target", "TrentService.GetPublicKey"))


@case("signature", "InvalidSignatureException", raw=True)
def the_date_was_changed_on_the_way(house):
    def change(request, **_):
        date = text_of(request.headers["X-Amz-Date"])
        put("X-Amz-Date", f"{date[:-2]}{(int(date[-2]) + 1) % 10}Z")(request)

    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=change)


@case("signature", "InvalidSignatureException", raw=True)
def a_signature_for_another_service(house):
    tamper = signed_anew(house.backend, "sts", house.authority.region)
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=tamper)


@case("signature", "InvalidSignatureException", raw=True)
def a_signature_for_another_region(house):
    tamper = signed_anew(house.backend, "kms", "us-east-1")
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=tamper)


@case("signature", "InvalidSignatureException", raw=True)
def a_digest_of_another_body(house):
    tamper = signed_anew(house.backend, "kms", house.authority.region, {"X-Amz-Content-SHA256": "0" * 64})
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=tamper)


@case("signature", "IncompleteSignature", raw=True)
def a_signature_in_the_query(house):
    def change(request, **_):
        del request.headers["Authorization"]
        request.url += "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"

    return house.sts("GetCallerIdentity", {}, tamper=change)


@case("signature", "SignatureDoesNotMatch", 403, raw=True)
def a_clock_more_than_five_minutes_behind(house):
    return house.sts("GetCallerIdentity", {}, skew=-330)


@case("signature", "InvalidSignatureException", raw=True)
def a_clock_more_than_five_minutes_ahead(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, skew=330)


@case("signature", raw=True)
def a_clock_four_minutes_behind(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, skew=-240)


@case("signature", raw=True)
def a_clock_four_minutes_ahead(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, skew=240)


@case("credentials", "InvalidClientTokenId", 403)
def sts_knows_no_such_access_key(house):
    return house.sts("GetCallerIdentity", {}, Credentials("AKIANOSUCHKEY0000000", "y" * 40))


@case("credentials", "UnrecognizedClientException")
def kms_knows_no_such_access_key(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, Credentials("AKIANOSUCHKEY0000000", "y" * 40))


@case("credentials", "UnrecognizedClientException")
def a_session_without_its_token(house):
    return house.open(dataclasses.replace(house.decrypter, token=None))


@case("credentials", "InvalidClientTokenId", 403)
def a_session_without_its_token_before_sts(house):
    return house.sts("GetCallerIdentity", {}, dataclasses.replace(house.decrypter, token=None))


@case("credentials", "UnrecognizedClientException")
def a_garbled_token(house):
    token = house.decrypter.token
    return house.open(dataclasses.replace(house.decrypter, token=token[:-8] + "AAAAAAA="))


@case("credentials", "UnrecognizedClientException")
def the_token_of_another_session(house):
    return house.open(dataclasses.replace(house.decrypter, token=house.registrar.token))


@case("credentials", "UnrecognizedClientException")
def a_token_with_a_long_term_key(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, dataclasses.replace(house.backend, token=house.decrypter.token))


def put(name: str, value: str):
    """Replaces a header after the request was signed."""

    def change(request, **_):
        del request.headers[name]
        request.headers[name] = value

    return change
