"""The program: `python -m reprise.trainers.classification`."""

import sys

from ...trainer import serve


def main():
    try:
        import torch  # noqa: F401
    except ImportError as error:
        sys.exit(f"reprise.trainers.classification needs {error.name}, which {sys.executable} has not: pip install 'reprise[torch]'")
    from .capabilities import NAME, VERSION, describe
    from .train import train

    serve(NAME, VERSION, train, describe())


main()
