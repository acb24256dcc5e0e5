"""Client of the REST API. Every POST carries an idempotency key, so that it may be repeated when a connection breaks."""

import datetime
import json
import math
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import warnings

from . import crash
from .heartbeat import Heartbeat
from .parameters import exact, flat
from .trainer import digest_of, setting
from .trainer import wire as encode

ENDED = ("succeeded", "failed", "cancelled")
NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def decode(value):
    """The number behind its form on the wire; None stays None."""
    return None if value is None else NOT_FINITE[value] if isinstance(value, str) else float(value)


class RepriseError(Exception):
    """What the server refused, in its own words: `status`, `type`, `detail`, and `errors` with a dict per wrong field."""

    def __init__(self, status, problem):
        self.status = status
        self.type = problem.get("type", "").rsplit("/", 1)[-1]
        self.detail = problem.get("detail", "")
        self.errors = problem.get("errors", [])
        lines = [
            f"{error['path']}: {error['message']}"
            + (f" (given: {error['value']})" if "value" in error else "")
            + (f". {error['suggestion']}" if "suggestion" in error else "")
            for error in self.errors
        ]
        super().__init__("\n".join([f"{self.detail} [{status}]", *lines]))


def _merged(argument, given, named):
    """What was given as a dict and by keyword; a metric may be called as the argument for the dict is."""
    if given is None:
        return named
    return {**given, **named} if isinstance(given, dict) else {argument: given, **named}


def _moment(value):
    """A time as the wire has it; a datetime without a zone is meant in that of this machine."""
    if isinstance(value, datetime.datetime):
        return (value if value.tzinfo else value.astimezone()).isoformat()
    return value


def _id(thing):
    return thing["id"] if isinstance(thing, dict) else str(thing)


def _each(names):
    """Names as one parameter each, so that they may hold commas."""
    given = list(names)
    return given * 2 if len(given) == 1 else given


def _quoted(thing):
    return urllib.parse.quote(_id(thing), safe="")


class Reprise:
    """
    A server. `url` and `token` default to REPRISE_URL and REPRISE_TOKEN, then to a server on this machine. Sweeps and runs
    are given as their id, or as the dict that a call answered.
    """

    def __init__(self, url=None, token=None, timeout=60.0, retries=4):
        self.url = (url or os.environ.get("REPRISE_URL") or "http://127.0.0.1:3000").rstrip("/")
        self.token = token or os.environ.get("REPRISE_TOKEN")
        self.timeout = timeout
        self.retries = retries

    def call(self, method, path, body=None, query=None, content_type="application/json", attempt=None, key=None):
        """
        One request; the JSON it answers, or bytes of another type. Raises RepriseError for a refusal. `key` is the idempotency
        key of a POST that may be sent again by another process; default: one of its own.
        """
        url = f"{self.url}/api/v1{path}"
        if query:
            given = {key: value for key, value in query.items() if value is not None}
            url += "?" + urllib.parse.urlencode(given, doseq=True) if given else ""
        data = None
        headers = {}
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(encode(body), allow_nan=False).encode()
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

    @staticmethod
    def _problem(error):
        try:
            problem = json.loads(error.read())
        except ValueError:
            problem = None
        return problem if isinstance(problem, dict) else {"detail": str(error)}

    # Studies

    def launch(self, spec, preset=None):
        """Creates a sweep from a dict, from YAML text, or from a YAML file, and queues its runs."""
        query = {"preset": preset}
        if isinstance(spec, dict):
            return self.call("POST", "/sweeps", exact(spec), query)
        text = str(spec)
        if "\n" not in text and text.endswith((".yaml", ".yml", ".json")):
            with open(text, encoding="utf-8") as file:
                text = file.read()
        return self.call("POST", "/sweeps", text.encode(), query, content_type="application/yaml")

    def preview(self, spec):
        """What a spec would become: run count, first runs, warnings, errors."""
        return self.call("POST", "/sweeps/preview", exact(spec))

    def sweep(self, sweep):
        return self.call("GET", f"/sweeps/{_quoted(sweep)}")

    def wait(self, sweep, timeout=None, every=1.0, report=None):
        """Waits until a sweep has ended and returns it. `report` is called with a line whenever counts change."""
        deadline = None if timeout is None else time.monotonic() + timeout
        shown = None
        while True:
            now = self.sweep(sweep)
            counts = now["runCounts"]
            line = f"{now['status']}: " + ", ".join(f"{n} {name}" for name, n in counts.items() if n)
            if report is not None and line != shown:
                report(line)
            shown = line
            if now["status"] in ENDED:
                return now
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"the sweep is still {line}")
            time.sleep(every)

    def cancel(self, sweep):
        return self.call("POST", f"/sweeps/{_quoted(sweep)}/cancel")

    # Runs

    def runs(self, sweep=None, filter=None, status=None, arm=None, purpose=None, metrics=None):
        """
        All runs, page by page, as the API answers them. `filter` as in "metrics.testAuc > 0.9 and params.optimizer = 'adam'",
        "diverged = false", "metrics.testAuc is nan", "params.momentum is not null" or "metrics.`val.acc` > 0.9"; numbers, True
        and False stand without quotes and are no text. Where it finds nothing, a warning says why if that can be told.
        Their summaries hold at most 50 metrics, or those of the list `metrics`, or with "all" every one.
        """
        query = {
            "sweepId": None if sweep is None else _id(sweep),
            "filter": filter,
            "status": status,
            "arm": arm,
            "purpose": purpose,
            "metrics": metrics if metrics is None or isinstance(metrics, str) else _each(metrics),
            "limit": 1000,
        }
        found, cursor = [], None
        while True:
            page = self.call("GET", "/runs", query={**query, "cursor": cursor})
            found += page["items"]
            for hint in page.get("hints", []):
                warnings.warn(hint, stacklevel=2)
            cursor = page["nextCursor"]
            if cursor is None:
                return found

    def run(self, run):
        return self.call("GET", f"/runs/{_quoted(run)}")

    def table(self, sweep, **query):
        """
        One flat dict per run: its identity, hyperparameters as `params.x`, metrics at the selected epoch as `metrics.x`, and
        whether its training diverged (`diverged`, with `divergedKey` and `divergedStep`: the metric that shows it, and where).
        """
        columns = ("id", "configurationLabel", "seed", "arm", "repeat", "mode", "status", "digest", "durationMs")
        rows = []
        for run in self.runs(sweep, **{"metrics": "all", **query}):
            row = {key: run[key] for key in columns}
            diverged = run.get("diverged") or {"key": None, "step": None}
            row.update(diverged=diverged["key"] is not None, divergedKey=diverged["key"], divergedStep=diverged["step"])
            row.update({f"params.{key}": value for key, value in run["params"].items()})
            for key, summary in run["summary"].items():
                selected = summary["selected"]
                row[f"metrics.{key}"] = decode(summary["last"] if selected is None else selected)
            rows.append(row)
        return rows

    def frame(self, sweep, **query):
        """`table` as a pandas DataFrame."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("frame() needs pandas (pip install pandas); table() gives the same as dicts") from error
        return pandas.DataFrame(self.table(sweep, **query))

    def histories(self, run, keys=None, max_points=None, superseded=False):
        """
        Metric key → (steps, values), by step with one value each, whole unless `max_points` is given. With `superseded`, the
        reports instead that a later one of the same step replaced; they count nowhere.
        """
        query = {"keys": None if keys is None else _each(keys), "maxPoints": max_points}
        if superseded:
            query["superseded"] = "true"
        answer = self.call("GET", f"/runs/{_quoted(run)}/metrics", query=query)
        series = answer["superseded" if superseded else "series"]
        return {key: (points["steps"], [decode(value) for value in points["values"]]) for key, points in series.items()}

    def history(self, run, key, max_points=None):
        """Steps and values of one metric."""
        return self.histories(run, [key], max_points).get(key, ([], []))

    def system(self, run, attempt=None):
        """
        What an attempt (default: the last) asked of its machine: `wallTimes` in seconds, `series` with columns such as
        `cpuPercent` (100 is one processor) and `residentMemoryBytes`, `gpus`, `peakResidentMemoryBytes`, `notes`. None
        where nothing could be read.
        """
        return self.call("GET", f"/runs/{_quoted(run)}/system-metrics", query={"attempt": attempt})

    def observations(self, run):
        """
        Settings that were read inside the process of a run: `settings`, each in short with `first`, `last`, what arm and seed
        `requested`, and its `departure` (None where it was as requested and stayed so); and `stretches` of equal values by
        step. Empty where nobody looked, which says nothing of how the run was executed.
        """
        return self.call("GET", f"/runs/{_quoted(run)}/observations")

    def verify(self, run, timeout=600.0, every=0.5, worker=None):
        """Trains a run again (on `worker`: a name, or "other" than its own), waits, and returns the verification with its verdict."""
        body = None if worker is None else {"worker": worker}
        verification = self.call("POST", f"/runs/{_quoted(run)}/verify", body)
        deadline = time.monotonic() + timeout
        while verification["status"] not in ("ended", "failed"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"verification {verification['id']} is still {verification['status']}")
            time.sleep(every)
            verification = self.call("GET", f"/verifications/{verification['id']}")
        return verification

    # What a study shows

    def analysis(self, sweep, name, metric=None):
        return self.call("GET", f"/sweeps/{_quoted(sweep)}/analyses/{name}", query={"metric": metric})

    def compare(self, sweep, groups, metrics, **options):
        """Compares groups of runs. `groups` maps a name to a filter; further options as in POST /comparisons."""
        named = [{"name": name, "filter": filter} for name, filter in groups.items()]
        body = {"sweepId": _id(sweep), "groups": named, "metrics": list(metrics), **options}
        return self.call("POST", "/comparisons", body)

    def statistic(self, test, input, **options):
        """One statistical test on numbers of your own."""
        return self.call("POST", f"/statistics/{test}", {"input": input, "options": options})

    def export(self, sweep, name, path=None, format="csv", metric=None):
        """A table as CSV, LaTeX, Markdown or JSON text; written to `path` where one is given."""
        query = {"format": format, "metric": metric}
        content = self.call("GET", f"/sweeps/{_quoted(sweep)}/analyses/{name}", query=query)
        text = json.dumps(content) if isinstance(content, dict) else content.decode()
        if path is not None:
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return text

    def archive(self, sweep, path):
        """The whole study as an RO-Crate, a zip."""
        content = self.call("GET", f"/sweeps/{_quoted(sweep)}/crate")
        with open(path, "wb") as file:
            file.write(content)

    def restore(self, path):
        """Reads an archived study back."""
        with open(path, "rb") as file:
            return self.call("POST", "/sweeps/import", file.read(), content_type="application/zip")

    # Runs trained elsewhere

    def log_run(self, params=None, seed=0, sweep_id=None, resume=None, started_at=None, lease_seconds=None, **fields):
        """
        Begins a run that is trained here, with the parameters `params` (a dict, nested as it may be, an argparse Namespace or
        a dataclass; `LoggedRun.params` has them with one name each): in the study named `study`, which begins where none is called so; with
        `sweep_id` in that study, of trainer `external`; or with `name` and `dataset` in a new one. Further `arm` or
        `mode`, `repeat`, `label`, `environment`, `tags`, `notes`, `metrics` (what the study that begins declares of its metrics:
        `{"val/acc": {"unit": "percent", "direction": "maximize"}}`), and `started_at` (a datetime) where training began
        earlier. The run counts as lost when nothing is heard of this program for `lease_seconds` (10 minutes unless the
        server says otherwise).

        `resume` is a run that was begun before: its next attempt goes on from what was reported, and its seed and
        parameters are those of the run.
        """
        lease = {} if lease_seconds is None else {"leaseSeconds": lease_seconds}
        if resume is not None:
            if params or seed or fields or sweep_id is not None or started_at is not None:
                raise TypeError("resume= takes a run as it is: leave its parameters, seed and study out")
            return LoggedRun(self, self.call("POST", f"/runs/{_quoted(resume)}/attempts", lease))
        body = {"params": flat(params), **exact({"seed": seed, **lease, **fields})}
        if sweep_id is not None:
            body["sweepId"] = _id(sweep_id)
        if started_at is not None:
            body["startedAt"] = _moment(started_at)
        return LoggedRun(self, self.call("POST", "/runs", body))

    def declare(self, sweep, metrics):
        """
        Says what the metrics of a study are: `{"val/acc": {"unit": "percent", "direction": "maximize"}}`, with `label`, `range`
        (`{"low": 0, "high": 100}`) or `split` as well. It replaces what was declared so before; the document of the study and
        its digest stay as they are. Returns the study.
        """
        return self.call("PATCH", f"/sweeps/{_quoted(sweep)}", {"metrics": metrics})

    def ask(self, sweep, params=None, label=None, lease_seconds=None):
        """
        Hands a configuration to a study of search `external`, or takes the next planned run of one that is trained
        here. Returns the run to train as a LoggedRun; where workers train, the list of runs that were queued.
        """
        given = {"params": None if params is None else flat(params), "label": label, "leaseSeconds": lease_seconds}
        body = {key: value for key, value in given.items() if value is not None}
        answer = self.call("POST", f"/sweeps/{_quoted(sweep)}/ask", body)
        return answer["added"] if answer["run"] is None else LoggedRun(self, answer["run"])


class LoggedRun:
    """
    A run that is trained here. As a context manager it ends by itself: succeeded, failed with the exception's message, or
    cancelled when it is interrupted. Set `digest` and `selected_epoch` before. Until then a thread says that it is alive.
    Every report says of which attempt it is: where another has taken its place, RepriseError has type `stale-attempt`.
    """

    digest_of = staticmethod(digest_of)

    def __init__(self, api, run):
        self.api = api
        self.run = run
        self.id = run["id"]
        self.sweep_id = run["sweepId"]
        self.params = run["params"]
        self.seed = run["seed"]
        self.attempt = run["attempt"]
        self.digest = None
        self.selected_epoch = None
        self.ended = False
        self._heartbeat = Heartbeat(self._beat)

    def _post(self, what, body):
        if not self._heartbeat.is_of_this_process() and not self.ended:
            self._heartbeat = Heartbeat(self._beat)
        return self.api.call("POST", f"/runs/{self.id}/{what}", body, attempt=self.attempt)

    def _end(self, what, body):
        self.run = self._post(what, body)
        self.ended = True
        self._heartbeat.stop()
        return self.run

    def _beat(self):
        """Says that the run is alive. Returns the seconds until the next time; None when it is told to no more."""
        if self.ended:
            return None
        try:
            answer = self.api.call("POST", f"/runs/{self.id}/heartbeat", attempt=self.attempt)
        except RepriseError as error:
            return None if error.status in (400, 404, 409) else 5.0
        return answer["leaseSeconds"] / 3

    def log(self, step, metrics=None, **named):
        """Metrics of one epoch or step, by keyword or, for names such as "recall (TPR)", as a dict."""
        self._post("metrics", {"step": step, "metrics": _merged("metrics", metrics, named)})

    def series(self, histories=None, **named):
        """Whole histories: key=(steps, values), or a dict of such."""
        series = _merged("histories", histories, named)
        stretches = {key: {"steps": list(steps), "values": values} for key, (steps, values) in series.items()}
        self._post("metrics", {"series": stretches})

    def log_text(self, *lines, at=None, stream="stdout"):
        """Lines for the run's log, printed at `at` (a datetime; default: now)."""
        moment = {} if at is None else {"at": _moment(at)}
        self._post("metrics", {"logs": [{"text": str(line), "stream": stream, **moment} for line in lines]})

    def digests(self, kind, positions, digests):
        """Rungs of the digest ladder: `epoch`, `step`, `initialWeights`, `finalWeights`, …"""
        self._post("metrics", {"digests": [{"kind": kind, "positions": list(positions), "digests": list(digests)}]})

    def observe(self, name, value, step=None):
        """
        One look at a setting of this process, after `step` steps (None: it belongs to no step): a flag such as
        `torch.backends.cudnn.benchmark`, `seed`, an environment variable (None: it is not set), a digest of a random state
        (`rng.torch`). Give what is read at that moment where the setting lives, never what was asked for. It is your
        program's word, so Reprise tells it as reported, holds it against arm and seed, and marks the run where it
        contradicts them or changes.
        """
        look = {"step": step, "name": name, "value": setting(value)}
        self._post("observations", {"observations": [look]})

    def observations(self):
        """All looks at settings of this run, as `Reprise.observations` has them."""
        return self.api.observations(self.id)

    def embedding(self, epoch, vector):
        """Last-layer weights after an epoch."""
        self._post("metrics", {"embeddings": [{"epoch": epoch, "vector": vector}]})

    def probe(self, epoch, activations):
        """Activations of the same cases before the last layer, a row per case, after an epoch."""
        rows = [list(row) for row in activations]
        vector = [value for row in rows for value in row]
        probe = {"of": "probe", "epoch": epoch, "shape": [len(rows), len(rows[0])], "vector": vector}
        self._post("metrics", {"embeddings": [probe]})

    def predictions(self, ids, labels, scores, classes, positive_class=None, threshold=None, split="test", epoch=0):
        """Scores of every case, a row per case; for two classes also the score of the second alone."""
        rows = encode(list(scores))
        if len(classes) == 2 and rows and not isinstance(rows[0], list):
            rows = [[1 - score, score] for score in rows]
        self._post(
            "predictions",
            {
                "split": split,
                "epoch": epoch,
                "classes": list(classes),
                "positiveClass": positive_class,
                "threshold": threshold,
                "ids": [str(case) for case in ids],
                "labels": list(labels),
                "scores": rows,
            },
        )

    def tell(self, value=None, step=None, metrics=None, **named):
        """
        Ends a run that was asked for with the value of the study's objective. Without `step` the values are final ones of
        the whole run, and no points of its histories. Further metrics by keyword, or as a dict.
        """
        body = {"metrics": _merged("metrics", metrics, named), **{key: item for key, item in {"value": value, "step": step}.items() if item is not None}}
        return self._end("tell", body)

    def finish(self, status="succeeded", error=None, ended_at=None, **fields):
        """Ends the run; `ended_at` (a datetime) where training ended before."""
        body = {"status": status, **fields}
        if ended_at is not None:
            body["endedAt"] = _moment(ended_at)
        if error is not None:
            body["error"] = error
        if status == "succeeded":
            body = {"digest": self.digest, "selectedEpoch": self.selected_epoch, **body}
        return self._end("finish", body)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.ended:
            return
        if kind is None:
            self.finish()
        elif issubclass(kind, Exception):
            self.finish("failed", crash.message(error), lastLines=crash.last_lines(error))
        else:
            self.finish("cancelled")
