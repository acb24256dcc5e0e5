import type { RungKind } from "@reprise/contracts";
import type { Rung } from "./ladder.js";

/** Closer rungs than this, in px, are drawn as one. */
const closest = 5;

type Drawn = { key: string; x: number; different: boolean; from: number; to: number };

export const before: readonly RungKind[] = ["configuration", "dataset", "dataOrder", "initialWeights"];

export const after: readonly RungKind[] = ["finalWeights", "predictions"];

export const endNames: Partial<Record<RungKind, string>> = {
  configuration: "configuration",
  dataset: "data set",
  dataOrder: "data order",
  initialWeights: "initial weights",
  finalWeights: "final weights",
  predictions: "predictions",
};

export const isDifferent = (rung: Rung) => rung.a !== null && rung.b !== null && rung.a !== rung.b;

export function endRungs(rungs: readonly Rung[], kinds: readonly RungKind[]) {
  return kinds.flatMap((kind) => {
    const own = rungs.filter((rung) => rung.kind === kind && rung.a !== null && rung.b !== null);
    return own.length === 0 ? [] : [{ kind, different: own.some(isDifferent) }];
  });
}

/** Steps (or epochs, where no steps were recorded) as rungs, as many as there is room for. */
export function drawnRungs(steps: readonly Rung[], x: (step: number) => number): Drawn[] {
  const drawn: Drawn[] = [];
  for (const rung of steps) {
    const at = x(rung.position);
    const last = drawn.at(-1);
    if (last && at - last.x < closest) {
      last.to = rung.position;
      last.different ||= isDifferent(rung);
    } else {
      const { position } = rung;
      drawn.push({ key: `${position}`, x: at, different: isDifferent(rung), from: position, to: position });
    }
  }
  return drawn;
}
