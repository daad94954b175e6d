"""Who may do what."""

import time

from authorities import allow
from clients import Heard
from .house import CONTEXT, RECORD, House, case, moment, until


@case("trust", "AccessDenied", 403)
def a_role_that_is_not_there(house):
    return house.assume(RoleArn=house.authority.decrypter + "s")


@case("trust", "AccessDenied", 403)
def no_source_identity(house):
    return house.assume(SourceIdentity=None)


@case("trust", "AccessDenied", 403)
def no_tags(house):
    return house.assume(Tags=None)


@case("trust", "AccessDenied", 403)
def one_tag_too_few(house):
    return house.assume(Tags=house.wish()["Tags"][:3])


@case("trust", "AccessDenied", 403)
def no_record(house):
    return house.assume(Tags=[tag for tag in house.wish()["Tags"] if tag["Key"] != "record"])


@case("trust", "AccessDenied", 403)
def an_empty_record(house):
    return house.assume(Tags=[{**tag, "Value": "" if tag["Key"] == "record" else tag["Value"]} for tag in house.wish()["Tags"]])


@case("trust", "AccessDenied", 403)
def an_empty_tag(house):
    return house.assume(Tags=[*house.wish()["Tags"][:3], {"Key": "door", "Value": ""}])


@case("trust", "AccessDenied", 403)
def a_door_that_is_none(house):
    return house.assume(Tags=[*house.wish()["Tags"][:3], {"Key": "door", "Value": "window"}])


@case("trust", "AccessDenied", 403)
def a_session_assumes_the_other_role(house):
    return house.assume(house.registrar)


@case("policy", "AccessDeniedException")
def the_backend_may_not_decrypt(house):
    return house.open(house.backend)


@case("policy", "AccessDeniedException")
def the_backend_may_not_make_data_keys(house):
    return house.wrap(house.backend)


@case("policy", "AccessDeniedException")
def the_decrypter_may_not_make_data_keys(house):
    return house.wrap(house.decrypter)


@case("policy", "AccessDeniedException")
def the_registrar_may_not_decrypt(house):
    return house.open(house.registrar)


@case("policy", "AccessDeniedException")
def the_backend_may_not_make_keys(house):
    return house.kms("CreateKey", {})


@case("policy", "AccessDeniedException")
def the_decrypter_may_not_make_keys(house):
    return house.kms("CreateKey", {}, house.decrypter)


@case("policy", "AccessDeniedException")
def a_key_that_no_policy_names(house):
    made = house.before.ask("kms", "CreateKey", {}, house.administrator).worked()["KeyMetadata"]["Arn"]
    return house.wrap(house.registrar, KeyId=made)


@case("policy")
def a_session_policy_allows_what_the_role_may(house):
    return house.open(house.session(allow("kms:*", "*")))


@case("policy", "AccessDeniedException")
def a_session_policy_does_not_widen_the_role(house):
    return house.wrap(house.session(allow("*", "*")))


@case("policy", "AccessDeniedException")
def a_session_policy_for_something_else(house):
    return house.open(house.session(allow("kms:DescribeKey", house.authority.kek)))


@case("policy", "AccessDeniedException")
def a_session_policy_for_another_key(house):
    return house.open(house.session(allow("kms:Decrypt", house.authority.agreement)))


@case("policy", "AccessDeniedException")
def a_session_policy_that_denies(house):
    deny = {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
    return house.open(house.session(deny, allow("kms:*", "*")))


@case("time")
def a_window_that_is_open(house):
    return house.open(house.session(until(house, 120)))


@case("time", "AccessDeniedException")
def a_window_that_is_over(house):
    return house.open(house.session(until(house, -1)))


@case("time", "AccessDeniedException", raw=True)
def a_window_that_closes_while_it_is_used(house):
    # As short as this machine allows: it must have been open once.
    for seconds in (2, 5, 15, 45):
        session = house.session(until(house, seconds))
        if house.open(session).code == "ok":
            return last(lambda: house.open(session), lambda heard: heard.code != "ok", patience=60)
    raise AssertionError("no window was ever open")


@case("time", "AccessDeniedException")
def a_window_that_is_not_open_yet(house):
    later = allow("kms:Decrypt", house.authority.kek, DateGreaterThan={"aws:CurrentTime": moment(120)})
    return house.open(house.session(later))


@case("time", "AccessDeniedException")
def a_session_issued_before_it_was_revoked(house):
    issued = {"aws:TokenIssueTime": moment(120)}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": issued}}
    return house.open(house.session(deny, allow("kms:*", "*")))


@case("expiry", "ExpiredTokenException")
def a_session_past_its_end(house):
    session = house.authority.ending(house.issued)
    return last(lambda: house.open(session), lambda heard: heard.code != "ok")


@case("expiry", "ExpiredToken", 403)
def a_session_past_its_end_before_sts(house):
    session = house.authority.ending(house.issued)
    return last(lambda: house.sts("GetCallerIdentity", {}, session), lambda heard: heard.code != "ok")


@case("context policy")
def a_session_policy_for_this_record(house):
    return house.open(house.session(for_record(house, RECORD)))


@case("context policy", "AccessDeniedException")
def a_session_policy_for_another_record(house):
    return house.open(house.session(for_record(house, "bb22")))


@case("context policy", "AccessDeniedException")
def a_session_policy_for_this_record_and_no_context(house):
    return house.open(house.session(for_record(house, RECORD)), EncryptionContext=None)


def for_record(house: House, record: str) -> dict:
    return allow("kms:Decrypt", house.authority.kek, StringEquals={f"kms:EncryptionContext:{CONTEXT}": record})


def last(ask, enough, patience: float = 30) -> Heard:
    """The first answer that is enough."""
    end = time.monotonic() + patience
    while not enough(heard := ask()):
        if time.monotonic() > end:
            raise AssertionError(f"still {heard.code} after {patience} s")
    return heard
