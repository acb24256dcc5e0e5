import type { Parameters } from "@reprise/contracts";

/** What a user can be told of a program that ended by itself, from the last lines it wrote to stderr. */
export type LastWords = {
  /** The exception as Python prints it: "ValueError: …"; null where no traceback is found. */
  exception: string | null;
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
    exception: exceptionOf(lines),
    outOfMemory: about === undefined ? null : { asked: asked ?? null },
  };
}

function exceptionOf(lines: readonly string[]): string | null {
  const start = lines.findLastIndex((line) => line.startsWith("Traceback (most recent call last)"));
  const rest = lines.slice(start + 1);
  const found =
    start === -1 ? rest.findLast((line) => exceptionLine.test(line)) : rest.find((line) => /^\S/.test(line));
  return found?.trim() || null;
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
