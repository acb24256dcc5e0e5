import { z } from "zod";
import { type FieldError, shortened } from "../basics/problem.js";
import { nearestName } from "../basics/suggestions.js";
import type { Device } from "./device.js";

/**
 * What runs need of the machine that trains them: `memory`, `gpu`, `gpuMemory` and `gpus` are known of every machine, any other name
 * is a label that workers give themselves.
 */
export const requirements = z.record(z.string(), z.string());

/** A text, or what YAML reads where one was meant: 7 and true. */
const scalarText = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

/** Requirements as people write them. */
export const givenRequirements = z.record(z.string(), scalarText);
export type Requirements = z.infer<typeof requirements>;

/** A machine as its worker announces it. */
export type Machine = { labels: Readonly<Record<string, string>>; devices: readonly Device[] };

const units = { MB: 1e6, GB: 1e9, TB: 1e12, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const sizePattern = /^(\d+(?:\.\d+)?) ?([MGT]i?B)$/;

const isUnit = (text: string | undefined): text is keyof typeof units => text !== undefined && text in units;

/** "32 GiB" in bytes; null for what is no size. */
function bytesOf(text: string): number | null {
  const [, number, unit] = sizePattern.exec(text.trim()) ?? [];
  return isUnit(unit) ? Number(number) * units[unit] : null;
}

const hasRoom = (bytes: number | undefined, wanted: string): boolean => {
  const needed = bytesOf(wanted);
  return bytes !== undefined && needed !== null && bytes >= needed;
};

/** By whole words: an A100 is no A10. */
function isModel(name: string, wanted: string): boolean {
  const words = (text: string) => ` ${(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ")} `;
  return words(name).includes(words(wanted));
}

const gib = (bytes: number | undefined): string[] =>
  bytes === undefined ? [] : [`${(bytes / 2 ** 30).toFixed(1)} GiB`];
const sizeWords = "is a size, such as 32 GiB";

/** What of a machine is known without a label. */
type Known = {
  isMet(device: Device, wanted: string): boolean;
  kind: Device["kind"];
  /** What the device has of it, in words. */
  has(device: Device): string[];
  /** What a value has to be; null where this one is. */
  mistake(wanted: string): string | null;
};

const known: Readonly<Record<string, Known>> = {
  memory: {
    kind: "cpu",
    isMet: ({ memoryBytes }, wanted) => hasRoom(memoryBytes, wanted),
    has: ({ memoryBytes }) => gib(memoryBytes),
    mistake: (wanted) => (bytesOf(wanted) === null ? sizeWords : null),
  },
  gpu: {
    kind: "gpu",
    isMet: ({ name }, wanted) => isModel(name, wanted),
    has: ({ name }) => [name],
    mistake: (wanted) => (/[\p{L}\p{N}]/u.test(wanted) ? null : "is part of a GPU's name, such as H100"),
  },
  gpuMemory: {
    kind: "gpu",
    isMet: ({ memoryBytes }, wanted) => hasRoom(memoryBytes, wanted),
    has: ({ memoryBytes }) => gib(memoryBytes),
    mistake: (wanted) => (bytesOf(wanted) === null ? sizeWords : null),
  },
  gpus: {
    kind: "gpu",
    isMet: (_, wanted) => wanted === "1",
    has: () => [],
    mistake: (wanted) => (wanted === "1" ? null : "is 1: a worker gives every run one GPU"),
  },
};

const knownOf = (name: string): Known | undefined => (Object.hasOwn(known, name) ? known[name] : undefined);
const labelOf = ({ labels }: Machine, name: string) =>
  Object.hasOwn(labels, name) ? labels[name] : undefined;

/** Every run of a study keeps them, and no label is longer. */
const mostRequirements = 20;
const longestName = 63;
const longestValue = 200;

const labelPattern = /^[\p{L}\p{N}][\p{L}\p{N}._/-]*$/u;
const labelName = z
  .string()
  .max(longestName)
  .regex(labelPattern, "begins with a letter or digit, and has . _ / - besides")
  .refine((name) => knownOf(name) === undefined, "is known of every machine and cannot be a label");
const labelValue = z.string().min(1).max(longestValue);

/** Labels that workers give themselves: names that say nothing of every machine already. */
export const workerLabels = z.record(labelName, labelValue);

/** The same as people write them. */
export const givenLabels = z.record(labelName, scalarText.pipe(labelValue));

/** What a requirement has to be that no label of any worker can meet; null where one can. */
function labelMistake(name: string, wanted: string): string | null {
  if (!labelPattern.test(name))
    return "is the name of no label: those begin with a letter or digit, and have . _ / - besides";
  return wanted === "" ? "must not be empty" : null;
}

/** Whether a run with these requirements may be trained on this device; what is said of the rest of the machine is not asked. */
export function suits(device: Device, requires: Requirements): boolean {
  return Object.entries(requires).every(([name, wanted]) => {
    const what = knownOf(name);
    return what === undefined || what.kind !== device.kind || what.isMet(device, wanted);
  });
}

/** Whether a machine has all that is required: what is said of GPUs holds of one of them. */
export function meets(machine: Machine, requires: Requirements): boolean {
  const { devices } = machine;
  return Object.keys(requires).every((name) => {
    const what = knownOf(name);
    if (what === undefined) return labelOf(machine, name) === requires[name];
    return devices.some((device) => device.kind === what.kind && suits(device, requires));
  });
}

/** What of the requirements a machine meets, together; the others are left out. */
export function metPart(machine: Machine, requires: Requirements): Requirements {
  let met: Requirements = {};
  for (const [name, wanted] of Object.entries(requires)) {
    const more = { ...met, [name]: wanted };
    if (meets(machine, more)) met = more;
  }
  return met;
}

/** What stands against requirements, whatever machines there are. */
export function requirementErrors(requires: Requirements): FieldError[] {
  const all = Object.entries(requires);
  if (all.length > mostRequirements) {
    const message = `names ${all.length} requirements, and ${mostRequirements} are the most`;
    return [{ path: "resources.requires", message }];
  }
  return all.flatMap(([name, wanted]) => {
    const isLong = name.length > longestName || wanted.length > longestValue;
    const mistake = () => (knownOf(name)?.mistake ?? ((text: string) => labelMistake(name, text)))(wanted);
    const message = isLong ? "is longer than any label" : mistake();
    return message === null
      ? []
      : [{ path: `resources.requires.${shortened(name)}`, message, value: shortened(wanted) }];
  });
}

/** Who is missing, as a sentence begins. */
const readyWorker = (trainer: string) => `no ready worker that offers trainer ${trainer}`;

/** Why none of the ready workers that have what is required may train this: none of them has the data. */
export function noDataWords(trainer: string, requires: Requirements, dataset: string): string {
  const has = Object.keys(requires).length === 0 ? "" : ` and has ${requirementWords(requires)}`;
  return `${readyWorker(trainer)}${has} has data set ${dataset}`;
}

const wordsOf = ([name, wanted]: readonly [string, string]) => `${name}: ${wanted}`;

/** "gpu: H100 and site: basel". */
export const requirementWords = (requires: Requirements, between = " and "): string =>
  Object.entries(requires).map(wordsOf).join(between);

/** What machines have instead, or the label that was perhaps meant. */
function insteadOf(name: string, machines: readonly Machine[]): string {
  const what = knownOf(name);
  const there = machines.flatMap((machine) =>
    what === undefined
      ? (labelOf(machine, name) ?? [])
      : machine.devices.filter(({ kind }) => kind === what.kind).flatMap(what.has),
  );
  if (there.length > 0) return ` (there is ${[...new Set(there)].sort().slice(0, 8).join(", ")})`;
  if (what !== undefined) return "";
  const near = nearestName(
    name,
    machines.flatMap(({ labels }) => Object.keys(labels)),
  );
  return near === null ? "" : ` (did you mean ${near}?)`;
}

/**
 * Why none of these machines may train what requires this: "no ready worker that offers trainer tfjs has gpu: H100 (there is NVIDIA
 * A100-SXM4-40GB)". Null where one may.
 *
 * @param machines of the ready workers that offer the trainer
 */
export function unmetWords(
  trainer: string,
  requires: Requirements,
  machines: readonly Machine[],
): string | null {
  if (machines.some((machine) => meets(machine, requires))) return null;
  const all = Object.entries(requires);
  const missed = all.filter(
    ([name, wanted]) => !machines.some((machine) => meets(machine, { [name]: wanted })),
  );
  const words =
    missed.length === 0
      ? `${requirementWords(requires)} together`
      : missed.map((one) => wordsOf(one) + insteadOf(one[0], machines)).join(", nor ");
  return `${readyWorker(trainer)} has ${words}`;
}
