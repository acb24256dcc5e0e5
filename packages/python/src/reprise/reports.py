"""What the lines of a run's file become on the wire."""

import datetime

from .digest import SHA256


def instant(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def requests(lines):
    """The requests that tell of these lines: metrics with digests and logs, observations, then predictions."""
    series, digests, tensors, logs, looks, gaps = {}, {}, [{}], [], [], []
    for line in lines:
        for key, value in line.get("metrics", {}).items():
            stretch = series.setdefault(key, {"steps": [], "values": [], "wallTimes": []})
            stretch["steps"].append(line["step"])
            stretch["values"].append(value)
            stretch["wallTimes"].append(line["time"])
        if "digest" in line:
            # Lines that an earlier version left have no algorithm.
            by = {"algorithm": line.get("algorithm", SHA256)}
            rungs = digests.setdefault((line["kind"], *by.values()), {"kind": line["kind"], "positions": [], "digests": [], **by})
            rungs["positions"].append(line["position"])
            rungs["digests"].append(line["digest"])
        for part, (names, joined) in line.get("tensors", {}).items():
            by = {"algorithm": line.get("algorithm", SHA256)}
            key = (part, *by.values())
            if key in tensors[-1] and tensors[-1][key]["names"] != names:
                tensors.append({})
            empty = {"kind": "step", "part": part, "names": names, "positions": [], "digests": [], **by}
            stretch = tensors[-1].setdefault(key, empty)
            stretch["positions"].append(line["position"])
            stretch["digests"].append(joined)
        if "text" in line:
            logs.append({"text": line["text"], "stream": line["stream"], "at": instant(line["at"])})
        if "name" in line:
            looks.append({key: line[key] for key in ("step", "name", "value", "observer", "where", "rank") if key in line})
        if "gap" in line:
            gaps.append({"what": line["gap"], "reason": line["reason"], "step": line["step"]})
    # Of one request all digests of a part have the same names; the first has everything else as well.
    rest = {"series": series, "digests": list(digests.values()), "logs": logs}
    for stretches in tensors:
        body = {**rest, "tensorDigests": list(stretches.values())}
        rest = {}
        if any(body.values()):
            yield "metrics", body
    if looks or gaps:
        yield "observations", {"observations": looks, "gaps": gaps}
    for line in lines:
        if "predictions" in line:
            yield "predictions", line["predictions"]


def parted(body, paths):
    """
    What of a report is wrong, and the rest of it, which is right: one name that cannot be takes nothing else with it. The
    rest is None where it cannot be told apart.
    """
    wrong, rest = {}, dict(body or {})
    for part, items in list(rest.items()):
        entries = items.items() if isinstance(items, dict) else enumerate(items) if isinstance(items, list) else ()
        bad = [key for key, _ in entries if any(f"{path}.".startswith(f"{part}.{key}.") for path in paths)]
        if bad:
            wrong[part] = {key: items[key] for key in bad} if isinstance(items, dict) else [items[key] for key in bad]
            rest[part] = (
                {key: item for key, item in items.items() if key not in bad}
                if isinstance(items, dict)
                else [item for index, item in enumerate(items) if index not in bad]
            )
    named = all(any(path.startswith(f"{part}.") for part in wrong) for path in paths)
    return (wrong, rest) if wrong and named and any(rest.values()) else (body, None)
