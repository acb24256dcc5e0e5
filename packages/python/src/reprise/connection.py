"""
Requests to the REST API. Every POST carries an idempotency key, so that it may be repeated when a connection breaks.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import warnings
from typing import Any, Mapping

from .trainer import wire


class RepriseError(Exception):
    """What the server refused, in its own words: `status`, `type`, `detail`, and `errors` with a dict per wrong field."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.type: str = problem.get("type", "").rsplit("/", 1)[-1]
        self.detail: str = problem.get("detail", "")
        self.errors: list[dict[str, Any]] = problem.get("errors", [])
        lines = [
            f"{error['path']}: {error['message']}"
            + (f" (given: {error['value']})" if "value" in error else "")
            + (f". {error['suggestion']}" if "suggestion" in error else "")
            for error in self.errors
        ]
        super().__init__("\n".join([f"{self.detail} [{status}]", *lines]))


class _ReadsEarlyAnswer(http.client.HTTPConnection):
    """A server that refuses a file may answer, and close, before it has read all of it: the answer counts, not the broken pipe."""

    def endheaders(self, *args: Any, **options: Any) -> None:
        try:
            super().endheaders(*args, **options)
        except (BrokenPipeError, ConnectionResetError):
            pass


class _ReadsEarlyAnswerTls(_ReadsEarlyAnswer, http.client.HTTPSConnection):
    pass


class _AnsweredEarly(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_ReadsEarlyAnswer, req)


class _AnsweredEarlyTls(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_ReadsEarlyAnswerTls, req)


class Connection:
    """
    A server. `url` and `token` default to REPRISE_URL and REPRISE_TOKEN, then to a server on this machine. A request may
    take `timeout` seconds, and is repeated up to `retries` times where the server is away for a moment.
    """

    def __init__(self, url: str | None = None, token: str | None = None, timeout: float = 60.0, retries: int = 4) -> None:
        self.url = (url or os.environ.get("REPRISE_URL") or "http://127.0.0.1:3000").rstrip("/")
        self.token = token or os.environ.get("REPRISE_TOKEN")
        self.timeout = timeout
        self.retries = retries

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        attempt: int | None = None,
        key: str | None = None,
    ) -> Any:
        """
        One request; the JSON it answers, or bytes of another type. `attempt` says of which attempt of a run a report is,
        `key` is the idempotency key of a POST that another process may send again (default: one of its own).

        Raises RepriseError for a refusal, ConnectionError where no server answers.
        """
        url = f"{self.url}/api/v1{path}"
        if query:
            given = {name: value for name, value in query.items() if value is not None}
            url += "?" + urllib.parse.urlencode(given, doseq=True) if given else ""
        data = None
        headers: dict[str, str] = {}
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(wire(body), allow_nan=False).encode()
            headers["content-type"] = content_type
        if method == "POST":
            headers["idempotency-key"] = key or str(uuid.uuid4())
        if attempt is not None:
            headers["reprise-attempt"] = str(attempt)
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        for trial in range(self.retries + 1):
            request = urllib.request.Request(url, data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                    content = answer.read()
                    is_json = "json" in answer.headers.get("content-type", "")
                    return json.loads(content) if is_json and content else content
            except urllib.error.HTTPError as error:
                problem = self._problem(error)
                # Away for a moment, or the first try of this very request is still being worked on.
                waits = error.code == 503 or (error.code == 409 and error.headers.get("retry-after"))
                if not waits or trial == self.retries:
                    raise RepriseError(error.code, problem) from None
            except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
                if trial == self.retries:
                    reason = getattr(error, "reason", error)
                    raise ConnectionError(
                        f"no Reprise answers at {self.url}: {reason}. Start one with `npx pnpm start`, "
                        "or set REPRISE_URL to the address that it prints."
                    ) from None
            time.sleep(min(0.25 * 2**trial, 5.0))
        raise AssertionError("unreachable")

    def _pages(self, path: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All items of a list that is answered page by page; its hints become warnings."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.call("GET", path, query={**query, "cursor": cursor})
            found += page["items"]
            for hint in page.get("hints", []):
                warnings.warn(hint, stacklevel=3)
            cursor = page["nextCursor"]
            if cursor is None:
                return found

    def upload(self, path: str, content: Any, size: int, query: Mapping[str, Any], attempt: int | None = None) -> Any:
        """
        Sends `size` bytes of an open file, once: whoever may repeats it. Raises RepriseError for a refusal, ConnectionError
        where no server answers or the connection breaks.
        """
        url = f"{self.url}/api/v1{urllib.parse.quote(path)}?{urllib.parse.urlencode(query)}"
        headers = {"content-type": "application/octet-stream", "content-length": str(size)}
        if attempt is not None:
            headers["reprise-attempt"] = str(attempt)
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(url, content, headers, method="PUT")
        opener = urllib.request.build_opener(_AnsweredEarly, _AnsweredEarlyTls)
        try:
            # A large file takes longer than any answer.
            with opener.open(request, timeout=max(self.timeout, 60.0)) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise RepriseError(error.code, self._problem(error)) from None
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            raise ConnectionError(f"{self.url} did not accept the file: {getattr(error, 'reason', error)}") from None

    @staticmethod
    def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
        try:
            problem = json.loads(error.read())
        except ValueError:
            problem = None
        return problem if isinstance(problem, dict) else {"detail": str(error)}
