import type { RungKind } from "@reprise/contracts";
import { useState } from "react";
import { digestColor, shortDigest } from "../marks/digest-marks.js";
import classes from "./ladder.module.css";
import { type Rung, stateOf, stateWords } from "./rungs.js";

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

/** Kinds of which there is one per step or epoch. */
const repeated = new Set<RungKind>(["dataOrder", "step", "epoch"]);
/** Of a long stretch of them the first and last few are shown until asked for more. */
const shownAtEnds = 3;

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
  const state = stateOf(rung);
  return (
    <li className={classes.rung} data-state={state} data-first={first || undefined}>
      <span className={classes.name}>{rungName(rung.kind, rung.position)}</span>
      <span className={classes.bar}>
        <Digest digest={rung.a} />
        {double ? (
          <>
            <span className={classes.join} role="img" aria-label={stateWords[state]} />
            <Digest digest={rung.b ?? null} />
          </>
        ) : null}
      </span>
      {first ? <span className={classes.mark}>first difference</span> : null}
      {rung.incomparable ? (
        <span className={classes.note} title={`Not comparable: ${rung.incomparable}.`}>
          not comparable
        </span>
      ) : null}
    </li>
  );
}

/** ", all equal", ", 3 different, 2 not comparable". */
function hiddenWords(rungs: readonly Rung[]): string {
  const states = rungs.map(stateOf);
  const told = (["different", "incomparable", "single"] as const).flatMap((state) => {
    const number = states.filter((one) => one === state).length;
    return number > 0 ? [`${number} ${stateWords[state]}`] : [];
  });
  return `, ${told.length > 0 ? told.join(", ") : "all equal"}`;
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
  return (
    <>
      {rungs.map((rung, index) => {
        if (kept(index)) return <RungLine key={rung.position} rung={rung} first={rung === first} />;
        if (index !== firstHidden) return null;
        return (
          <li key={rung.position} className={classes.more}>
            <button type="button" onClick={() => setAll(true)}>
              {hidden.length} more {group.kind === "dataOrder" ? "data orders" : `${names[group.kind]}s`}
              {rung.b === undefined ? "" : hiddenWords(hidden)}
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
  const first = rungs.find((rung) => stateOf(rung) === "different" && rung.kind !== "environment");
  return (
    <ol className={classes.ladder} aria-label={name} data-sides={rungs[0]?.b === undefined ? 1 : 2}>
      {groupsOf(rungs).map((group) => (
        <RungGroup key={`${group.kind} ${group.rungs[0]?.position}`} group={group} first={first} />
      ))}
    </ol>
  );
}
