import type { Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../shared/api/analysis-queries.js";
import { unbroken } from "../../shared/format/numbers.js";
import { VerdictGlyph } from "../../shared/marks/verdict-glyph.js";
import { ServerText } from "../../shared/ui/server-text.js";
import classes from "./card-verdicts.module.css";

/** Why a sweep has no verdict and none is being computed; null where one can be. */
function noneBecause(sweep: Sweep): string | null {
  if (sweep.runCounts.succeeded > 0) return null;
  if (sweep.status === "paused") return "Paused before the first run ended.";
  return sweep.status === "queued" || sweep.status === "running"
    ? "No verdict yet: it appears when the first groups are complete."
    : "No run has succeeded, so there is nothing to judge.";
}

function Sentences({ sweep, open, inView }: { sweep: Sweep; open: boolean; inView: boolean }) {
  const analysis = {
    enabled: inView,
    staleTime: open ? 8_000 : 300_000,
    refetchInterval: open && inView ? 10_000 : (false as const),
    retry: false,
  };
  const determinism = useQuery({ ...analysisQuery(sweep.id, "determinism"), ...analysis });
  if (determinism.isError && determinism.data === undefined)
    return (
      <p className={`${classes.verdict} ${classes.failed}`} role="alert">
        <span>
          The verdict could not be read: <ServerText text={determinism.error.message} />
        </span>
        <button type="button" onClick={() => void determinism.refetch()}>
          Try again
        </button>
      </p>
    );
  if (determinism.data === undefined)
    return (
      <div className={classes.waiting} role="status" aria-busy={inView} aria-label="Reading the verdict">
        <span />
        <span />
      </div>
    );
  const { headline } = determinism.data;
  return (
    <p className={classes.verdict}>
      <VerdictGlyph verdict={headline} size={14} />
      <span>{unbroken(headline.sentence)}</span>
    </p>
  );
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
