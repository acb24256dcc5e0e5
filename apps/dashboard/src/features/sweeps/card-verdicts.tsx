import type { Sweep, Verdict } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { determinismQuery, significanceQuery } from "../../shared/api/queries.js";
import { VerdictGlyph } from "../../shared/marks/verdict-glyph.js";
import classes from "./sweeps.module.css";

/** Two sentences: whether deterministic runs repeat, and what most needs attention beside it. */
function chiefVerdicts(determinism: readonly Verdict[], significance: readonly Verdict[]): Verdict[] {
  const all = [...determinism, ...significance];
  const telling = all.filter((verdict) => verdict.kind !== "pending");
  const identity = telling.find(({ kind }) => kind === "bit-identical" || kind === "not-identical");
  const rest = telling.filter((verdict) => verdict !== identity);
  const second = rest.find(({ tone }) => tone === "attention") ?? rest[0];
  const chosen = [identity, second].filter((verdict) => verdict !== undefined);
  // Where nothing can be told yet, what is missing is the answer.
  return chosen.length > 0 ? chosen : all.slice(0, 1);
}

/** Why a sweep has no verdict and none is being computed; null where one can be. */
function noneBecause(sweep: Sweep): string | null {
  if (sweep.runCounts.succeeded > 0) return null;
  if (sweep.status === "paused") return "Paused before the first run ended.";
  return sweep.status === "queued" || sweep.status === "running"
    ? "No verdict yet: it comes with the first groups that are complete."
    : "No run has succeeded, so there is nothing to judge.";
}

function Sentences({ sweep, open, inView }: { sweep: Sweep; open: boolean; inView: boolean }) {
  const analysis = {
    enabled: inView,
    staleTime: open ? 8_000 : 300_000,
    refetchInterval: open && inView ? 10_000 : (false as const),
    retry: false,
  };
  const determinism = useQuery({ ...determinismQuery(sweep.id), ...analysis });
  const significance = useQuery({ ...significanceQuery(sweep.id), ...analysis });
  const failed = [determinism, significance].find(({ data, isError }) => isError && data === undefined);
  if (failed)
    return (
      <p className={`${classes.verdict} ${classes.failed}`} role="alert">
        <span>The verdict could not be read: {failed.error?.message}</span>
        <button type="button" onClick={() => void failed.refetch()}>
          Try again
        </button>
      </p>
    );
  if (determinism.data === undefined || significance.data === undefined)
    return (
      <div className={classes.waiting} role="status" aria-busy={inView} aria-label="Reading the verdict">
        <span />
        <span />
      </div>
    );
  const verdicts = chiefVerdicts(determinism.data.verdicts, significance.data.verdicts);
  if (verdicts.length === 0)
    return (
      <p className={`${classes.verdict} dim`}>The plan compares nothing; its page shows what was measured.</p>
    );
  return verdicts.map((verdict) => (
    <p key={verdict.sentence} className={classes.verdict}>
      <VerdictGlyph verdict={verdict} size={14} />
      <span>{verdict.sentence}</span>
    </p>
  ));
}

/** What a sweep's analyses say in a line or two; loading and failing look like what they are. */
export function CardVerdicts({ sweep, open, inView }: { sweep: Sweep; open: boolean; inView: boolean }) {
  const none = noneBecause(sweep);
  return (
    <div className={classes.verdicts}>
      {sweep.blockedReason ? <p className={classes.blocked}>Waiting: {sweep.blockedReason}</p> : null}
      {none === null ? (
        <Sentences sweep={sweep} open={open} inView={inView} />
      ) : sweep.blockedReason ? null : (
        <p className={`${classes.verdict} dim`}>{none}</p>
      )}
    </div>
  );
}
