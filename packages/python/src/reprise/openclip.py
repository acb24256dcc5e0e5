"""
Trains CLIP through OpenCLIP's own program, `open_clip_train.main`, as a trainer of Reprise: this file, `trainer.py` beside it,
and the folder `openclip_adapter`.

Three things it adds. It turns a configuration into that program's flags, and reads back from its `params.txt` what was
really used. It re-applies the determinism settings that the program overwrites (it switches `cudnn.benchmark` on by
itself), and fails a run in which they did not hold to the end. It answers zero-shot questions with the checkpoints.

Worker configuration:
    trainers: [{ name: openclip, command: python3, args: [.../reprise/openclip.py] }]
"""

import pathlib
import sys

# Run as a file, it does not know the package that it is in.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from reprise.openclip_adapter.capabilities import VERSION, describe  # noqa: E402
from reprise.openclip_adapter.determinism import INSIDE, run_inside  # noqa: E402
from reprise.openclip_adapter.training import train  # noqa: E402
from reprise.trainer import serve  # noqa: E402

if __name__ == "__main__":
    if INSIDE in sys.argv:
        sys.exit(run_inside(sys.argv))
    serve("openclip", VERSION, train, describe())
