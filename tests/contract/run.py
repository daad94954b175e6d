"""Asks the embedded authority everything, by boto3 and by the aws command; asks its peers the same; and compares.

    .tools/aws-clients/bin/python tests/contract/run.py [boto3|aws|ministack|completed|moto]...

Ends in the line that Rust's test runner ends in, so that `make test` counts it.
"""

import collections
import concurrent.futures
import contextlib
import pathlib
import sys
import time
import tomllib

from authorities import Completed, Embedded, Ministack, Moto
from cases import CASES, House
from clients import Boto, CommandLine

TABLE = pathlib.Path(__file__).with_name("differences.toml")
PEERS = {peer.name: peer for peer in (Ministack, Completed, Moto)}
PARTS = ("boto3", "aws", *PEERS)
# The command is a process for each call: two at once, as many as a small machine has processors.
AT_ONCE = 2


class Tally:
    """What held and what did not."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def note(self, name: str, faults: list[str]):
        if faults:
            self.failed += 1
            print(f"{name} ... FAILED", *(f"    {fault}" for fault in faults), sep="\n")
        else:
            self.passed += 1


def main(parts: list[str]) -> int:
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise SystemExit(f"There is no part called {unknown.pop()}. Name some of: {', '.join(PARTS)}.")
    parts = parts or list(PARTS)
    tally, took = Tally(), {}
    with timed(took, "ours"), Embedded() as embedded:
        ours = heard_from(embedded, Boto(embedded), CASES)
        if "boto3" in parts:
            for case in CASES:
                tally.note(f"boto3: {case.name}", faults_of(case, ours[case.name]))
        if "aws" in parts:
            with timed(took, "aws"):
                asked = [case for case in CASES if not case.raw]
                for case, heard in zip(asked, answers_of(CommandLine(embedded), embedded, asked)):
                    tally.note(f"aws: {case.name}", faults_of(case, heard))
    for peer in (PEERS[part] for part in parts if part in PEERS):
        with timed(took, peer.name), peer() as authority:
            asked = [case for case in CASES if case.about in authority.answers]
            compare(tally, authority.name, asked, ours, heard_from(authority, Boto(authority), asked))
    print(", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items()))
    print(f"test result: {'FAILED' if tally.failed else 'ok'}. {tally.passed} passed; {tally.failed} failed;")
    return bool(tally.failed)


@contextlib.contextmanager
def timed(took: dict, name: str):
    start = time.monotonic()
    yield
    took[name] = time.monotonic() - start


def heard_from(authority, client, cases) -> dict:
    house = House(authority, client)
    return {case.name: answer_of(case, house) for case in cases}


def answers_of(client, authority, cases):
    """Several at once, but for those that change what the others ask about."""
    house = House(authority, client, before=Boto(authority))
    house.sealed, house.decrypter, house.public, house.rotation  # Made once, and not by several at once.
    alone = [case for case in cases if case.about in ("state", "iam")]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        together = {case.name: pool.submit(answer_of, case, house) for case in cases if case not in alone}
    heard = {name: answer.result() for name, answer in together.items()}
    heard |= {case.name: answer_of(case, house) for case in alone}
    return [heard[case.name] for case in cases]


def answer_of(case, house):
    """What was heard, or the fault that kept it from being heard."""
    try:
        return case.ask(house)
    except Exception as fault:  # noqa: BLE001 - one case that cannot be asked must not hide the others
        return f"{type(fault).__name__}: {fault}"


def faults_of(case, heard) -> list[str]:
    """What our own authority answered otherwise than the case says."""
    if isinstance(heard, str):
        return [heard]
    faults = []
    if heard.code != case.code:
        faults.append(f"{heard.code} in place of {case.code}: {heard.answer}")
    elif heard.status not in (None, case.status):
        faults.append(f"status {heard.status} in place of {case.status}")
    return faults + [f"it is not so that {fact}" for fact, holds in heard.facts.items() if not holds]


def compare(tally: Tally, peer: str, cases, ours: dict, theirs: dict):
    """Each difference must be explained by the table, and each explanation must be needed."""
    table = Table(peer)
    for case in cases:
        mine, other = ours[case.name], theirs[case.name]
        if isinstance(mine, str) or isinstance(other, str):
            tally.note(f"{peer}: {case.name}", [text for text in (mine, other) if isinstance(text, str)])
            continue
        unexplained = [f"unexplained: {what}" for what in differences(mine, other) if not table.explains(case.name, what)]
        tally.note(f"{peer}: {case.name}", unexplained)
    tally.note(f"{peer}: every explanation is needed", [f"no such difference any more: {what}" for what in table.unused()])


def differences(ours, theirs) -> list[str]:
    """In words: the code and status when they differ, and else what only one of the two answers has."""
    if (ours.code, ours.status) != (theirs.code, theirs.status):
        return [f"{theirs.code} {theirs.status}, not {ours.code} {ours.status}"]
    more = [f"more: {name}" for name in sorted(theirs.members - ours.members)]
    less = [f"less: {name}" for name in sorted(ours.members - theirs.members)]
    return more + less + [f"not so: {fact}" for fact, holds in sorted(ours.facts.items()) if holds != theirs.facts.get(fact)]


class Table:
    """The explained differences of one peer."""

    def __init__(self, peer: str):
        entries = [entry for entry in tomllib.loads(TABLE.read_text())["difference"] if entry["peer"] == peer]
        # By case where the entry names cases; anywhere where it names none.
        self._expected = {(case, what) for entry in entries for what in entry["what"] for case in entry.get("cases", [None])}
        stated = collections.Counter((case, what) for entry in entries for what in entry["what"] for case in entry.get("cases", [None]))
        twice = [key for key, times in stated.items() if times > 1]
        if twice or not all(entry["why"] for entry in entries):
            raise SystemExit(f"{TABLE.name} explains {twice[0] if twice else 'nothing'} {'twice' if twice else 'somewhere'}.")
        self._seen = set()

    def explains(self, case: str, what: str) -> bool:
        keys = self._expected & {(case, what), (None, what)}
        self._seen |= keys
        return bool(keys)

    def unused(self) -> list[str]:
        return [f"{case or 'anywhere'}: {what}" for case, what in sorted(self._expected - self._seen, key=str)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
