import type { RungKind } from "@reprise/contracts";
import { joinedState, type Rung, type RungState, stateOf } from "./rungs.js";

/** Closer rungs than this, in px, are drawn as one. */
const closest = 5;

type Drawn = { key: string; x: number; state: RungState; from: number; to: number };

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

export function endRungs(rungs: readonly Rung[], kinds: readonly RungKind[]) {
  return kinds.flatMap((kind) => {
    const own = rungs.filter((rung) => rung.kind === kind && rung.a !== null && rung.b !== null);
    return own.length === 0 ? [] : [{ kind, state: joinedState(own.map(stateOf)) }];
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
      last.state = joinedState([last.state, stateOf(rung)]);
    } else {
      const { position } = rung;
      drawn.push({ key: `${position}`, x: at, state: stateOf(rung), from: position, to: position });
    }
  }
  return drawn;
}
