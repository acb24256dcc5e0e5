import { createHash } from "node:crypto";
import fc from "fast-check";
import { type Fault, faults, longSilenceMs } from "./faults.js";
import type { LabKind } from "./lab.js";

const works = ["sampler", "imported", "verification", "batches"] as const;
export type WorkName = (typeof works)[number];

export type Schedule = {
  seed: number;
  lab: LabKind;
  /** One after another, each so long after the one before, and lasting so long where it lasts by choice. */
  steps: ReadonlyArray<{ fault: Fault; afterMs: number; lastMs: number }>;
  /** Beside the studies that workers train and the notebooks that log, which there always are. */
  work: readonly WorkName[];
};

const maxFaults = 3;
/** Of so many schedules one has a long silence, where there is one that may last. */
const longOneIn = 4;
/** A run has three attempts: two may be taken from it. */
const maxCosts = 2;

/** Those faults, in order, that a run can survive; the kernel kills a program twice only where it is to blame. */
function survivable(drawn: readonly Fault[]): Fault[] {
  const kept: Fault[] = [];
  for (const fault of drawn) {
    if (fault.costs && kept.filter(({ costs }) => costs).length === maxCosts) continue;
    if (kept.includes(fault)) continue;
    kept.push(fault);
  }
  return kept;
}

/** The schedule of a seed: always the same one, on labs of the same kinds. */
export function scheduleOf(seed: number, labs: readonly LabKind[], hasDisk: boolean): Schedule {
  const drawn = fc.sample(
    fc.constantFrom(...labs).chain((lab) => {
      const possible = faults.filter(
        (fault) => (fault.labs?.includes(lab) ?? true) && (hasDisk || !fault.needsDisk),
      );
      return fc.record({
        lab: fc.constant(lab),
        faults: fc.array(fc.constantFrom(...possible), { minLength: 1, maxLength: maxFaults, size: "max" }),
        times: fc.array(
          fc.record({
            afterMs: fc.integer({ min: 100, max: 1500 }),
            lastMs: fc.integer({ min: 500, max: 2500 }),
          }),
          {
            minLength: maxFaults,
            maxLength: maxFaults,
          },
        ),
        // An import has a process of its own, the dearest of all.
        work: fc
          .tuple(fc.subarray(works.filter((name) => name !== "imported")), fc.nat({ max: 3 }))
          .map(([some, dear]): WorkName[] => (dear === 0 ? ["imported", ...some] : some)),
        // Last, so that a seed draws what it drew before there was this.
        long: fc.nat({ max: longOneIn - 1 }).map((drawn) => drawn === 0),
      });
    }),
    // Neighbouring numbers would draw alike.
    { seed: createHash("sha256").update(String(seed)).digest().readInt32LE(), numRuns: 1 },
  );
  const [found] = drawn;
  if (!found) throw new Error("nothing was drawn");
  const { lab, times, work, long } = found;
  const survived = survivable(found.faults);
  const lasting = long ? survived.find(({ mayLast }) => mayLast) : undefined;
  const steps = survived.map((fault, index) => ({
    ...{ fault, afterMs: 500, lastMs: 1000 },
    ...times[index],
    ...(fault === lasting && { lastMs: longSilenceMs }),
  }));
  return { seed, lab, steps, work };
}
