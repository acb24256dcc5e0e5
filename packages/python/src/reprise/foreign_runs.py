"""
Sends files of another tracker to the server, which reads them. Nothing is unpickled or executed here or there.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from typing import Any, Mapping

from .connection import Connection


def _packed(path: str, target: str) -> None:
    """A folder, or a file, as a zip; links are left out, since they may lead anywhere."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        if os.path.isfile(path):
            archive.write(path, os.path.basename(path))
            return
        for folder, _, names in os.walk(path):
            for name in sorted(names):
                file = os.path.join(folder, name)
                if not os.path.islink(file):
                    archive.write(file, os.path.relpath(file, path))


def import_runs(
    connection: Connection,
    path: str,
    format: str | None,
    decisions: Mapping[str, Any] | None,
    into: str | None,
    dry_run: bool,
) -> dict[str, Any]:
    """See `Reprise.import_runs`."""
    if not os.path.exists(path):
        raise FileNotFoundError(f"there is no file or folder {path!r}")
    body: dict[str, Any] = {"decisions": dict(decisions or {})}
    if format is not None:
        body["as"] = format
    patience = connection.timeout
    place = f"/imports/{connection.call('POST', '/imports')['id']}"
    try:
        # Ten thousand runs are read and written in a minute, on a slow machine in several.
        connection.timeout = max(patience, 1800.0)
        with tempfile.TemporaryDirectory() as folder:
            packed = path
            if not zipfile.is_zipfile(path):
                packed = os.path.join(folder, "runs.zip")
                _packed(path, packed)
            with open(packed, "rb") as file:
                connection.upload(f"{place}/files", file, os.path.getsize(packed), {"path": "runs.zip"})
        if dry_run:
            return connection.call("POST", f"{place}/preview", body)
        if into is not None:
            body["into"] = into
        return connection.call("POST", f"{place}/studies", body)
    finally:
        connection.timeout = patience
        connection.call("DELETE", place)
