import type { Parameters } from "@reprise/contracts";

/** What a user can be told of a program that ended by itself, from the last lines it wrote to stderr. */
export type LastWords = {
  /** The exception as Python prints it: "ValueError: …"; null where no traceback is found. */
  exception: string | null;
  /** Exceptions that led to it, as Python prints them, the nearest first. */
  causes: readonly string[];
  /** The last line with words; empty where there is none. */
  lastLine: string;
  /** Set where the program asked for more memory than there is: what it asked for, where it says so. */
  outOfMemory: { asked: string | null } | null;
};

/** The last line of a traceback, also of one whose first lines are cut off. */
const exceptionLine = /^([A-Za-z_][\w.]*)?(Error|Exception|Interrupt)\b/;
/** PyTorch on CUDA and on the processor, NumPy, Python, C++, V8, TensorFlow. */
const outOfMemory =
  /out of memory|OutOfMemoryError|MemoryError|not enough memory|can't allocate memory|std::bad_alloc|heap limit|RESOURCE_EXHAUSTED/i;
const askedFor = /(?:tried to allocate|unable to allocate) ([\d.]+ ?(?:bytes|[KMGT]?i?B))/i;

export function readLastWords(lines: readonly string[]): LastWords {
  const about = lines.find((line) => outOfMemory.test(line));
  const asked = lines.map((line) => askedFor.exec(line)?.[1]).find((found) => found !== undefined);
  return {
    ...exceptionsOf(lines),
    lastLine: lines.findLast((line) => line.trim() !== "")?.trim() ?? "",
    outOfMemory: about === undefined ? null : { asked: asked ?? null },
  };
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

/** What a run that asks for more memory than there is asked for, and what can be done about it. */
export function outOfMemoryWords(
  parameters: Parameters,
  asked: string | null,
): { message: string; hint: string } {
  const sizes = Object.entries(parameters).filter(
    ([name, value]) => batchSizeName.test(name) && typeof value === "number",
  );
  const chosen = sizes.map(([name, value]) => `${name} ${value}`).join(", ");
  const names = sizes.map(([name]) => name).join(" or ");
  const bytes = /^(\d+) bytes$/.exec(asked ?? "")?.[1];
  const amount = bytes === undefined ? asked : `${(Number(bytes) / 2 ** 30).toFixed(1)} GiB`;
  return {
    message: `The trainer ran out of memory: it asked for ${amount ?? "more than there is"}${chosen ? ` with ${chosen}` : ""}.`,
    hint: `Choose a smaller ${names || "batch size"} or a smaller model, or a device with more memory.`,
  };
}
