"""The program: `python -m reprise.trainers.classification`."""

import sys

from ...trainer import serve


def main():
    try:
        import torch  # noqa: F401

        if "--describe" not in sys.argv:
            # The first optimizer would import it; a process that waits for its run has the time.
            import torch._dynamo  # noqa: F401
    except ImportError as error:
        sys.exit(f"reprise.trainers.classification needs {error.name}, which is not installed for {sys.executable}: pip install 'reprise[torch]'")
    from .capabilities import NAME, VERSION, describe
    from .hyperparameters import HYPERPARAMETERS
    from .train import train

    # To look for data sets and libraries takes time that a run does not need.
    serve(NAME, VERSION, train, describe() if "--describe" in sys.argv else {"hyperparameters": HYPERPARAMETERS})


main()
