"""Files of data sets: where they are, and a digest of what is in them."""

import hashlib
import json
import os
import pathlib
import re

from ....trainer import UserError

PICTURE = re.compile(r"\.(jpe?g|png|webp|tiff?|gif|bmp)$", re.IGNORECASE)


def root():
    """The folder of all data sets, or None where REPRISE_DATA names none."""
    folder = os.environ.get("REPRISE_DATA")
    return pathlib.Path(folder) if folder else None


def first_with(places, *needed):
    """The first of the folders that holds all the needed files or folders, or None."""
    return next((place for place in places if all((place / name).exists() for name in needed)), None)


def pictures_below(folder):
    """Paths of all pictures below a folder, relative to it, with `/`, sorted; hidden ones are left out."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if PICTURE.search(path.name))
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.split("/")))


def content_digest(folder, files):
    """
    SHA-256 over lines of `sha256sum` (`<digest>  <path>`) of the files in their order. Kept in REPRISE_CACHE, else in the
    folder .reprise-cache of the data, for as long as sizes and times of the files stay what they were.
    """
    stamps = []
    for file in files:
        try:
            state = (folder / file).stat()
        except OSError as error:
            raise UserError(f"{folder / file} cannot be read: {error.strerror}.", "Unpack the data set again.") from error
        stamps.append([file, state.st_size, state.st_mtime_ns])
    stamp = hashlib.sha256(json.dumps([str(folder.resolve()), stamps]).encode()).hexdigest()
    cache = pathlib.Path(os.environ.get("REPRISE_CACHE") or root() / ".reprise-cache")
    known = cache / "content-digests" / stamp
    if known.exists():
        return known.read_text()
    total = hashlib.sha256()
    for file in files:
        digest = hashlib.sha256()
        with open(folder / file, "rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
        total.update(f"{digest.hexdigest()}  {file}\n".encode())
    _keep(known, total.hexdigest())
    return total.hexdigest()


def _keep(path, text):
    """Writes a file as a whole; where the folder cannot be written to, the digest is worked out anew next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(text)
        unfinished.replace(path)
    except OSError:
        pass
