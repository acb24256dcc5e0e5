import type { DivergentOperation } from "./located-divergence.js";

/** Three significant digits, without zeros at the end; large ones with an exponent. */
const short = (value: number) =>
  value >= 1e6 ? value.toExponential(2).replace("e+", "e") : String(Number(value.toPrecision(3)));

function distance({ differing, size, ulp, relative }: DivergentOperation): string | null {
  if (differing === null || size === null) return null;
  const far = ulp === null ? "" : `, by at most ${short(ulp)} ulp (${short(relative ?? 0)} of the value)`;
  return `${differing} of ${size} elements${far}`;
}

/** What is known of the operation in which two traced trainings part, by name; what is not known is left out. */
export function divergentOperationRows(parted: DivergentOperation): [name: string, value: string][] {
  const { phase, module, operation, line, tensor, shape } = parted;
  const rows: [string, string | null][] = [
    ["Step", String(parted.step)],
    ["Phase", phase],
    ["Module", module],
    ["Operation", operation],
    ["Line", line],
    ["Tensor", tensor === null ? null : `${tensor}${shape === null ? "" : `, ${shape}`}`],
    ["Differs in", distance(parted)],
    ...parted.pairs.map(({ name, first, second }): [string, string] => [
      name,
      `${first ?? "nothing"} | ${second ?? "nothing"}`,
    ]),
    ...parted.causes.map(({ name, condition, deterministic }): [string, string] => [
      "Known cause",
      `${name} ${condition}: ${deterministic ? "has a deterministic form" : "has no deterministic form"}`,
    ]),
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]));
}
