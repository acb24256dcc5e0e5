import type { Parameters } from "@reprise/contracts";

/** What a user can be told of a program that ended by itself, from the last lines it wrote to stderr. */
export type LastWords = {
  /** The exception as Python prints it: "ValueError: …"; null where no traceback is found. */
  exception: string | null;
  /** Exceptions that led to it, as Python prints them, the nearest first. */
  causes: readonly string[];
  /** The last line with words; empty where there is none. */
  lastLine: string;
  /** Set where the program asked for more memory than there was. */
  outOfMemory: OutOfMemory | null;
};

/** What is said of the run, whose own error it then is, where the attempt before failed by a message that begins alike. */
export type Repetition = {
  startOfMessage: string;
  message: string;
  hint: string;
  /** Until it happens again nobody knows whether it is the run's doing: it says nothing against the machine. */
  isUndecided: boolean;
};

export type OutOfMemory = {
  /** What it asked for, where it says so. */
  asked: string | null;
  /** It was memory of a GPU, and what the program says leaves open whether others held what it lacked. */
  perhapsOthers: boolean;
};

/** The last line of a traceback, also of one whose first lines are cut off. */
const exceptionLine = /^([A-Za-z_][\w.]*)?(Error|Exception|Interrupt)\b/;
/** PyTorch on the processor, NumPy, Python, C++, V8. */
const outOfMemory =
  /out of memory|OutOfMemoryError|MemoryError|not enough memory|can't allocate memory|std::bad_alloc|heap limit/i;
/** PyTorch on CUDA and ROCm, its libraries, JAX, TensorFlow: other programs use the same memory. */
const outOfDeviceMemory =
  /\b(CUDA|HIP|XPU|MPS backend)( error:)? out of memory|\btorch\.(cuda\.)?OutOfMemoryError|CUDA_ERROR_OUT_OF_MEMORY|STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED|ResourceExhaustedError/;
const askedFor =
  /(?:tried to allocate|unable to allocate|trying to allocate) ([\d.]+ ?(?:bytes|[KMGT]?i?B))/i;
/** What PyTorch says of a GPU, before and since version 2.2, and of its own share of it. */
const capacity =
  /((?<=has a total capaci?ty of )[\d.]+ [KMGT]?i?B|(?<=; )[\d.]+ [KMGT]?i?B(?= total capacity))/;
const ownShare = /this process has ([\d.]+ [KMGT]?i?B) memory in use/;

export function readLastWords(lines: readonly string[]): LastWords {
  return {
    ...exceptionsOf(lines),
    lastLine: lines.findLast((line) => line.trim() !== "")?.trim() ?? "",
    outOfMemory: outOfMemoryOf(lines),
  };
}

function outOfMemoryOf(lines: readonly string[]): OutOfMemory | null {
  const ofDevice = lines.some((line) => outOfDeviceMemory.test(line));
  if (!ofDevice && !lines.some((line) => outOfMemory.test(line))) return null;
  const said = (words: RegExp) =>
    lines.map((line) => words.exec(line)?.[1]).find((found) => found !== undefined) ?? null;
  const asked = said(askedFor);
  return { asked, perhapsOthers: ofDevice && !isTooMuchAlone(asked, said(capacity), said(ownShare)) };
}

/** Whether a device that nobody else uses would be too small. Within a container PyTorch may take some odd number for its own share. */
function isTooMuchAlone(asked: string | null, whole: string | null, own: string | null): boolean {
  if (asked === null || whole === null) return false;
  const share = own === null ? 0 : bytesOf(own);
  return bytesOf(asked) + (share <= bytesOf(whole) ? share : 0) > bytesOf(whole);
}

/** `20.00 GiB` in bytes. */
function bytesOf(size: string): number {
  const [, number = "", unit = ""] = /^([\d.]+) ?([KMGT]?)/.exec(size) ?? [];
  return Number(number) * 1024 ** ["", "K", "M", "G", "T"].indexOf(unit);
}

const isTraceback = (line: string) => line.startsWith("Traceback (most recent call last)");
/** What Python prints between an exception and one that it led to. */
const ledTo = /^(During handling of|The above exception was the direct cause of)/;

function exceptionsOf(lines: readonly string[]): Pick<LastWords, "exception" | "causes"> {
  const start = lines.findLastIndex(isTraceback);
  if (start === -1) {
    return { exception: lines.findLast((line) => exceptionLine.test(line))?.trim() ?? null, causes: [] };
  }
  const exception = lines.slice(start + 1).find((line) => /^\S/.test(line));
  return { exception: exception?.trim() ?? null, causes: causesOf(lines.slice(0, start)) };
}

function causesOf(before: readonly string[]): string[] {
  const end = before.findLastIndex((line) => line.trim() !== "");
  if (!ledTo.test(before[end] ?? "")) return [];
  const { exception, causes } = exceptionsOf(before.slice(0, end));
  return exception === null ? [] : [exception, ...causes];
}

const batchSizeName = /batch|(^|[._])bs$/i;

/** How what is said of a device without memory begins. */
const deviceFull = "The device had no memory left";

/** What is said of a run that asked for more memory than there is, what can be done about it, and what if that happens again. */
export function outOfMemoryWords(
  parameters: Parameters,
  { asked, perhapsOthers }: OutOfMemory,
): { message: string; hint: string; ifAgain: Repetition | null } {
  const sizes = Object.entries(parameters).filter(
    ([name, value]) => batchSizeName.test(name) && typeof value === "number",
  );
  const chosen = sizes.map(([name, value]) => `${name} ${value}`).join(", ");
  const names = sizes.map(([name]) => name).join(" or ");
  const bytes = /^(\d+) bytes$/.exec(asked ?? "")?.[1];
  const amount = bytes === undefined ? asked : `${(Number(bytes) / 2 ** 30).toFixed(1)} GiB`;
  const what = `it asked for ${amount ?? "more than there is"}${chosen ? ` with ${chosen}` : ""}.`;
  const hint = `Choose a smaller ${names || "batch size"} or a smaller model, or a device with more memory.`;
  if (!perhapsOthers) return { message: `The trainer ran out of memory: ${what}`, hint, ifAgain: null };
  return {
    message: `${deviceFull} for the trainer: ${what}`,
    hint: "Another program may have held it. Where it happens again, it counts as an error of the run.",
    ifAgain: {
      isUndecided: true,
      startOfMessage: deviceFull,
      message: `The trainer ran out of the device's memory twice: ${what}`,
      hint: `${hint} Where another program held its memory, retry the run.`,
    },
  };
}
