import type { LadderRung, RungKind } from "@reprise/contracts";
import { useState } from "react";
import { digestColor, shortDigest } from "../marks/digest-marks.js";
import classes from "./ladder.module.css";

const names: Record<RungKind, string> = {
  configuration: "configuration",
  environment: "environment",
  dataset: "data set",
  dataOrder: "data order",
  initialWeights: "initial weights",
  step: "step",
  epoch: "epoch",
  finalWeights: "final weights",
  predictions: "predictions",
};

/** One rung of one ladder or of two; with two, `b` is the other side. */
export type Rung = { kind: RungKind; position: number; a: string | null; b?: string | null };

/** Kinds of which there is one per step or epoch. */
const repeated = new Set<RungKind>(["dataOrder", "step", "epoch"]);
/** Of a long stretch of them the first and last few are shown until asked for more. */
const shownAtEnds = 3;

/** Rungs of a single ladder. */
export function singleLadder(rungs: readonly LadderRung[]): Rung[] {
  return rungs.map((rung) => ({ kind: rung.kind, position: rung.position, a: rung.digest }));
}

/** Two ladders rung by rung, in the order of the first and then of what only the second has. */
export function doubleLadder(a: readonly LadderRung[], b: readonly LadderRung[]): Rung[] {
  const place = (rung: LadderRung) => `${rung.kind} ${rung.position}`;
  const others = new Map(b.map((rung) => [place(rung), rung.digest]));
  const rungs: Rung[] = a.map((rung) => ({
    kind: rung.kind,
    position: rung.position,
    a: rung.digest,
    b: others.get(place(rung)) ?? null,
  }));
  const known = new Set(a.map(place));
  const only = b
    .filter((rung) => !known.has(place(rung)))
    .map((rung) => ({ kind: rung.kind, position: rung.position, a: null, b: rung.digest }));
  return [...rungs, ...only];
}

/** "step 12", "final weights". */
export function rungName(kind: RungKind, position: number): string {
  return repeated.has(kind) ? `${names[kind]} ${position}` : names[kind];
}

type Group = { kind: RungKind; rungs: Rung[] };

function groupsOf(rungs: readonly Rung[]): Group[] {
  const groups: Group[] = [];
  for (const rung of rungs) {
    const last = groups.at(-1);
    if (last && last.kind === rung.kind && repeated.has(rung.kind)) last.rungs.push(rung);
    else groups.push({ kind: rung.kind, rungs: [rung] });
  }
  return groups;
}

function isDifferent(rung: Rung): boolean {
  return rung.b !== undefined && rung.a !== null && rung.b !== null && rung.a !== rung.b;
}

function Digest({ digest }: { digest: string | null }) {
  if (digest === null) return <span className={classes.absent}>absent</span>;
  return (
    <span className={classes.digest} title={digest}>
      <i style={{ background: digestColor(digest) }} aria-hidden />
      <span className="mono">{shortDigest(digest)}</span>
    </span>
  );
}

function RungLine({ rung, first }: { rung: Rung; first: boolean }) {
  const double = rung.b !== undefined;
  const same = double && rung.a !== null && rung.a === rung.b;
  const state = !double ? "single" : same ? "same" : "different";
  return (
    <li className={classes.rung} data-state={state} data-first={first || undefined}>
      <span className={classes.name}>{rungName(rung.kind, rung.position)}</span>
      <span className={classes.bar}>
        <Digest digest={rung.a} />
        {double ? (
          <>
            <span className={classes.join} role="img" aria-label={same ? "equal" : "different"} />
            <Digest digest={rung.b ?? null} />
          </>
        ) : null}
      </span>
      {first ? <span className={classes.mark}>first difference</span> : null}
    </li>
  );
}

function RungGroup({ group, first }: { group: Group; first: Rung | undefined }) {
  const [all, setAll] = useState(false);
  const { rungs } = group;
  const at = first ? rungs.indexOf(first) : -1;
  const long = rungs.length > 2 * shownAtEnds + 1;
  const kept = (index: number) =>
    all || !long || index < shownAtEnds || index >= rungs.length - shownAtEnds || Math.abs(index - at) <= 1;
  const hidden = rungs.filter((_, index) => !kept(index));
  const firstHidden = rungs.findIndex((_, index) => !kept(index));
  const different = hidden.filter(isDifferent).length;
  return (
    <>
      {rungs.map((rung, index) => {
        if (kept(index)) return <RungLine key={rung.position} rung={rung} first={rung === first} />;
        if (index !== firstHidden) return null;
        return (
          <li key={rung.position} className={classes.more}>
            <button type="button" onClick={() => setAll(true)}>
              {hidden.length} more {group.kind === "dataOrder" ? "data orders" : `${names[group.kind]}s`}
              {rung.b === undefined ? "" : different === 0 ? ", all equal" : `, ${different} different`}
            </button>
          </li>
        );
      })}
    </>
  );
}

/**
 * The digest ladder, from what a run started with down to what it predicts. With two sides, equal rungs are joined
 * and the first difference is marked.
 */
export function Ladder({ rungs, name }: { rungs: readonly Rung[]; name: string }) {
  const first = rungs.find((rung) => isDifferent(rung) && rung.kind !== "environment");
  return (
    <ol className={classes.ladder} aria-label={name} data-sides={rungs[0]?.b === undefined ? 1 : 2}>
      {groupsOf(rungs).map((group) => (
        <RungGroup key={`${group.kind} ${group.rungs[0]?.position}`} group={group} first={first} />
      ))}
    </ol>
  );
}
