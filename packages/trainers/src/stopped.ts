import { constants } from "node:os";

/** What a scheduler, a service manager or a terminal sends to all processes of a job that is to end. */
const stopSignals: ReadonlySet<string> = new Set(["SIGTERM", "SIGINT", "SIGHUP"]);

/** Whether a program that this signal has ended was told to stop. */
export const isStopSignal = (name: string): boolean => stopSignals.has(name);

/** A shell reports a command that was killed by signal n as exit code 128 + n. */
export function signalOfExitCode(code: number): string | null {
  return code > 128 ? signalOfNumber(code - 128) : null;
}

const signalOfNumber = (number: number) =>
  Object.entries(constants.signals).find(([, one]) => one === number)?.[0] ?? null;

/** Python tells the end of such a command as -n, which is 256 - n to whoever passes it on as an exit code of its own. */
export const isPassedOnStop = (code: number): boolean => isStopSignal(signalOfNumber(256 - code) ?? "");

/**
 * What programs say that heard a signal to stop themselves, or whose processes did: Python, Lightning, torchrun and its table of
 * failures, PyTorch's loaders of data and `spawn`, `subprocess`, MPI, Slurm.
 */
const words = [
  /^KeyboardInterrupt\b/,
  /\bSIG(TERM|INT|HUP)\b/,
  /\bSIGTERMException\b/,
  /\bsignal:? (1|2|15)\b/i,
  /\bkilled by signal: (Terminated|Interrupt|Hangup)/,
  /\bslurmstepd: error: \*\*\* .*\bCANCELLED\b/,
];

/** Whether a line that a program wrote tells that it, or a process of its, was asked to stop. */
export const saysStopped = (line: string): boolean => words.some((each) => each.test(line));
