"""The command line: `python -m reprise run train.py …`, `python -m reprise describe train.py`, `python -m reprise sync`."""

import argparse
import sys

USAGE = """usage: python -m reprise COMMAND

  run [options] SCRIPT [arguments of the script]   run a training script as a run of a study
  check-resume [options] SCRIPT [arguments of the script]   whether a killed training goes on as if it had not been
  describe [options] SCRIPT [arguments]            print what a training script takes, without training
  locate [options] SCRIPT [arguments]              train twice in lockstep and say in which operation the two part
  sync [--url URL]                                 send what runs left behind while no server answered

In place of SCRIPT stands -m MODULE where the program is a module, as behind python itself.
"""


def main(words):
    command, rest = (words[0], words[1:]) if words else ("", [])
    if command == "run":
        from .launch import run

        run(rest)
    elif command == "check-resume":
        from .resume_check import main as check

        check(rest)
    elif command == "describe":
        from .describe import describe

        describe(rest)
    elif command == "locate":
        from .locate import main as locate

        locate(rest)
    elif command == "serve":
        # A worker's way to run a template: nothing to be typed.
        from .serve import serve

        serve(rest)
    elif command == "sync":
        from .sender import sync

        parser = argparse.ArgumentParser(prog="python -m reprise sync")
        parser.add_argument("--url", help="the server (default: REPRISE_URL, else this machine's)")
        sent, left = sync(parser.parse_args(rest).url)
        print(f"{sent} sent, {left} left")
        sys.exit(1 if left else 0)
    else:
        wrong = f"python -m reprise: there is no command {command!r}\n\n" if command not in ("", "-h", "--help") else ""
        print(wrong + USAGE, file=sys.stderr if wrong else sys.stdout)
        sys.exit(2 if wrong or not command else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
