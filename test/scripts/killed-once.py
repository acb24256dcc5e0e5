"""A program without `run.state` that is killed in its third epoch, once: a file of the given name tells it that it was."""

import argparse
import os
import signal

import reprise

parser = argparse.ArgumentParser()
parser.add_argument("--mark")
options = parser.parse_args()

run = reprise.run()
for epoch in range(1, 6):
    run.log(trainLoss=1 / epoch, step=epoch)
    if epoch == 3 and not os.path.exists(options.mark):
        open(options.mark, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
