"""Calls the API by its own document, with a session of each role, without any, and as computer-aided dispatch.

Each caller gets a portal of its own. First every operation is called: the corners of each value, wrong methods, missing
parts, chains of calls that lead to each other. Then those that the caller may use are called at random until the callers together
have made as many such calls as are asked for. What ends sessions comes last, since it would end the one that calls.

An answer that the document does not foresee, in status, media type, header or shape, fails; so does a call that the document
forbids and the portal takes, and every 500. So does an operation that a caller may use and that never took one of its calls: it
may be that this caller is shut out of it. That is not asked of what no call at random can meet: what a passkey signs or the curve
decides (`UNGUESSED`), sealed bytes, what ends sessions, and what waits for a state that no caller finds for sure (`NOT_THERE`).
A name in these lists that the document does not have fails.

    calls.py CALLS
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from served import Served

NOBODY = "nobody"
TOOL = pathlib.Path(".tools/schemathesis/bin/schemathesis")
LOGS = pathlib.Path("target/audit")
HOOKS = "scripts/audit/hooks.py"
# Part of a path that ends sessions: one's own, or another's that may be one's own. A passkey that is removed takes along those it began.
ENDS_SESSIONS = r"sign-out|/passkeys/\{"
# Most cases of one operation in a round; the next round draws others.
ROUND = 200
# How often what took no call is called some more before that counts, each time by another seed.
TRIES = 5

# Members of bodies that nobody makes at random: what a passkey signs, points of the curve, the secret of an open record, the last event that was
# read of a review.
UNGUESSED = {"credential", "point", "blinded_point", "p256dh", "secret", "last_event"}
# What no caller finds for sure in a state in which it would be taken: nobody's own passkeys are about to be replaced, no replacement has waited
# long enough, and the request that could be opened alone may have been withdrawn, the drill that could be joined ended, by a call before.
NOT_THERE = {
    "POST /api/v1/reenrolment/stop",
    "POST /api/v1/reenrolments/{reenrolment}/link",
    "POST /api/v1/requests/{request}/override/prepare",
    "POST /api/v1/drills/{drill}/members",
}
# Whose ids a list in a body has, where its type does not say which will do: only requests that wait are approved together, and only who is let in
# takes part in a drill.
LISTED = {"requests": "waiting", "members": "crew"}

# Left out is `positive_data_acceptance`: no schema can say which ceremony waits, or which point lies on the curve. A refusal of
# what is wrong is any that the document foresees. No run remembers another: each portal is new.
CONFIGURATION = """
max-stream-events = 1
continue-on-failure = true
request-timeout = 60
warnings = false
headers = {{ Origin = {origin} }}

[cache]
enabled = false

[generation]
database = "none"

[checks.positive_data_acceptance]
enabled = false

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 410, 413, 422]
"""


class Caller:
    """One who calls a portal, and what came of it."""

    def __init__(self, name: str, portal: Served, folder: str):
        self.name = name
        self.portal = portal
        self.failures = 0
        self.rounds = 0
        self._cookies = portal.words["cookies"].get(name, [])
        self._folder = pathlib.Path(folder)
        self._document = portal.document()
        taught = {"SCHEMATHESIS_HOOKS": HOOKS, "AUDIT_CALLER": name}
        words = {"AUDIT_WORDS": portal.words, "AUDIT_LISTS": self._lists()}
        self._environment = {**os.environ, **taught, **{word: json.dumps(value) for word, value in words.items()}}

    def call(self, wanted: int) -> None:
        """Calls everything, and then at random until `wanted` such calls are answered."""
        self._run("--phases", "coverage,stateful", "-n", "20", "--exclude-path-regex", ENDS_SESSIONS)
        own = list(self._own_operations())
        wanted += self.calls()
        while (left := wanted - self.calls()) > 0:
            cases = max(5, min(ROUND, left // len(own)))
            only = [word for operation in own for word in ("--include-operation-id", operation)]
            before = self.calls()
            self._run("--phases", "fuzzing", "-n", str(cases), *only)
            if self.calls() == before:
                self._fail("no call was made in a whole round")
                break
        # What took none may have met one seed that it does not like.
        for _ in range(TRIES):
            if not (shut := self._shut(own)):
                break
            self._run("--phases", "fuzzing", "-n", "50", *(word for operation in shut.values() for word in ("--include-operation-id", operation)))
        if self._cookies and self.portal.status("/api/v1/session", self._cookies[0]) != 200:
            self._fail("the session ended before its time, so some of this was called without one")
        # What may end this session, or all: each is tried while there is one to end.
        for cookie, path in ((0, "/sign-out$"), (1, r"/passkeys/\{"), (1, "/sign-out/everywhere$")):
            self._run("--phases", "coverage,fuzzing", "-n", "20", "--include-path-regex", path, cookie=cookie)
        if gone := self._gone():
            self._fail("not in the document any more: " + ", ".join(sorted(gone)))
        if shut := self._shut(own):
            self._fail("never took a call of this caller: " + ", ".join(shut))

    def calls(self) -> int:
        """How many calls were answered so far."""
        return sum(by_status(self.portal.tally()).values())

    def _operations(self):
        """Every operation, as the portal's tally names it, with what the document says of it."""
        for path, operations in self._document["paths"].items():
            for method, operation in operations.items():
                yield f"{method.upper()} {path}", operation

    def _own_operations(self):
        """The ids of those that the caller may use, by what the document says of roles."""
        feed = self.name == self.portal.words["feed"]["caller"]
        mine = [{"cad": []}] if feed else [{"session": []}, {"session": [self.name]}] if self._cookies else []
        for name, operation in self._operations():
            if not re.search(ENDS_SESSIONS, name) and (not operation["security"] or any(one in mine for one in operation["security"])):
                yield operation["operationId"]

    def _shut(self, own: list[str]) -> dict[str, str]:
        """Of the caller's own, with their ids, those that took no call and whose calls can be made at random: bytes of the length of a sealed
        document cannot."""
        taken = {name for name, answers in self.portal.tally().items() if any(status < 300 for status in answers)}
        shut = {}
        for name, operation in self._operations():
            is_sealed = "application/octet-stream" in operation.get("requestBody", {}).get("content", {})
            is_guessed = not is_sealed and not UNGUESSED & self._members(operation).keys()
            if operation["operationId"] in own and name not in NOT_THERE | taken and is_guessed:
                shut[name] = operation["operationId"]
        return shut

    def _gone(self) -> set[str]:
        """What this file names and the document does not."""
        operations = dict(self._operations())
        members = {name for operation in operations.values() for name in self._members(operation)}
        return NOT_THERE - operations.keys() | (UNGUESSED | LISTED.keys()) - members

    def _members(self, operation: dict) -> dict:
        """The members of a body, by name."""
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema.get("properties", {})

    def _lists(self) -> dict[str, list[str]]:
        """Every list of ids that a body has, with ids that lead somewhere."""
        lists = {}
        for _, operation in self._operations():
            for name, schema in self._members(operation).items():
                items = schema.get("items", {}) if isinstance(schema, dict) else {}
                kind = items.get("$ref", "").rpartition("/")[2] if isinstance(items, dict) else ""
                if kind.endswith("Id"):
                    lists[name] = self.portal.words["ids"][LISTED.get(name, kind.removesuffix("Id").lower())]
        return lists

    def _run(self, *arguments: str, cookie: int = 0) -> None:
        self.rounds += 1
        configuration = self._folder / "schemathesis.toml"
        configuration.write_text(self._configuration(cookie))
        log = LOGS / f"{self.name}-{self.rounds}.txt"
        command = [TOOL, "--no-color", "--config-file", configuration, "run", self.portal.words["address"] + "/api/openapi.json"]
        with log.open("w") as output:
            ran = subprocess.run(
                [*command, "--seed", str(self.rounds), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                env=self._environment,
            )
        if ran.returncode != 0:
            self._fail(f"{log}\n{failures(log.read_text())}")

    def _configuration(self, cookie: int) -> str:
        """What is there is named half of the time: made-up ids lead nowhere."""
        words = [CONFIGURATION.format(origin=json.dumps(self.portal.words["origin"]))]
        if self._cookies:
            secret = self._cookies[min(cookie, len(self._cookies) - 1)].partition("=")[2]
            words.append(f"[auth.openapi.session]\napi_key = {json.dumps(secret)}")
        ids, own = self.portal.words["ids"], self.portal.words["own"].get(self.name, {})
        # As often one's own as all others together.
        ids = {name: values + own.get(name, []) * len(values) for name, values in ids.items()}
        words += [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in ids.items()]
        words.append("[parameters]")
        words += [f'"{place}.{name}" = {{ dictionary = "{name}", probability = 0.5 }}' for name in ids for place in ("path", "body")]
        return "\n".join(words)

    def _fail(self, why: str) -> None:
        self.failures += 1
        print(f"\n{self.name}: {why}", flush=True)


def by_status(tally: dict[str, dict[int, int]]) -> collections.Counter:
    """How many answers had which status, of all operations."""
    total = collections.Counter()
    for answers in tally.values():
        total.update(answers)
    return total


def callers() -> list[str]:
    """Nobody, computer-aided dispatch, and somebody of each role."""
    with Served() as portal:
        return [NOBODY, portal.words["feed"]["caller"], *portal.words["cookies"]]


def failures(log: str) -> str:
    """What a log says of failures and errors."""
    parts = [part for word in ("= FAILURES =", "= ERRORS =") if (part := log.partition(word)[2])]
    return (parts[0] if parts else log)[:6000]


def main() -> int:
    wanted = int(sys.argv[1])
    LOGS.mkdir(parents=True, exist_ok=True)
    total, failed = collections.Counter(), 0
    statuses = lambda tally: " ".join(f"{status}:{times}" for status, times in sorted(tally.items()))
    for name in (everybody := callers()):
        with tempfile.TemporaryDirectory() as folder, Served() as portal:
            caller = Caller(name, portal, folder)
            caller.call(-(-wanted // len(everybody)))
            tally = by_status(portal.tally())
        faults = sum(times for status, times in tally.items() if status >= 500)
        failed += caller.failures + faults
        total.update(tally)
        print(f"{name:<12}{sum(tally.values()):>7} calls {faults:>3} faults {caller.failures:>3} failures   {statuses(tally)}", flush=True)
    print(f"{'all':<12}{sum(total.values()):>7} calls   {statuses(total)}")
    return failed > 0 or sum(total.values()) < wanted


if __name__ == "__main__":
    sys.exit(main())
