"""The portal under audit: the program of tests/audit/served.rs, for as long as something is done with it."""

import json
import os
import subprocess
import urllib.error
import urllib.request

PROGRAM = "target/debug/examples/served"


class Served:
    """A fresh portal. `words` is what it says of itself: its address, and who and what is there."""

    def __init__(self, *arguments: str):
        quiet = {**os.environ, "RUST_LOG": "off"}
        self._process = subprocess.Popen(
            [PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=quiet
        )
        said = self._process.stdout.readline()
        if not said:
            raise SystemExit(f"{PROGRAM} did not start: see what it said above")
        self.words = json.loads(said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()

    def tally(self) -> dict[str, dict[int, int]]:
        """How many answers had which status so far, by operation ("GET /api/v1/desk") and by its own count."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        return {operation: {int(status): times for status, times in answers.items()} for operation, answers in said.items()}

    def status(self, path: str, cookie: str | None) -> int:
        """How a GET is answered."""
        request = urllib.request.Request(self.words["address"] + path, headers={"Cookie": cookie} if cookie else {})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def document(self) -> dict:
        """The document of the API."""
        with urllib.request.urlopen(self.words["address"] + "/api/openapi.json", timeout=60) as answer:
            return json.load(answer)
