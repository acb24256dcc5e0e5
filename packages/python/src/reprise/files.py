"""Files that a run hands over: copies under the digest of their bytes, which outlive what the program does next."""

import hashlib
import os
import shutil

PREFIX = "file-"


class Kept:
    """A copy: where it lies, and what it is."""

    def __init__(self, path, sha256, size):
        self.path, self.sha256, self.size = path, sha256, size


def place(folder, sha256):
    """Where in a run's folder the file with this digest lies."""
    return os.path.join(folder, PREFIX + sha256)


def keep(path, folder):
    """
    Copies a file into `folder`, as a whole: a copy that breaks off has no name. Several with the same bytes are one. Raises
    OSError where it cannot be read or there is no room.
    """
    draft = os.path.join(folder, f"{PREFIX}draft-{os.getpid()}")
    total, size = hashlib.sha256(), 0
    # A full disk had no room for it when the run began.
    os.makedirs(folder, exist_ok=True)
    try:
        with open(path, "rb") as source, open(draft, "wb") as copy:
            while chunk := source.read(1 << 20):
                total.update(chunk)
                size += len(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        shutil.move(draft, place(folder, total.hexdigest()))
    finally:
        if os.path.exists(draft):
            os.unlink(draft)
    return Kept(place(folder, total.hexdigest()), total.hexdigest(), size)


def send(api, run, attempt, file, step, path):
    """
    Hands one to the server, streamed. Raises RepriseError for a refusal, ConnectionError where no server answers; sent again,
    it changes nothing.
    """
    with open(path, "rb") as content:
        api.upload(f"/runs/{run}/files/{file['name']}", content, file["bytes"], {"sha256": file["sha256"], "step": step}, attempt)
