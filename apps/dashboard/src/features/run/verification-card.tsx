import { builtInTrainer, type RunDetail, type RunLadder, type Verification } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { runLadderQuery, runQuery } from "../../shared/api/run-queries.js";
import { Ladder } from "../../shared/charts/ladder.js";
import { doubleLadder } from "../../shared/charts/rungs.js";
import { StepLadder } from "../../shared/charts/step-ladder.js";
import { unbroken } from "../../shared/format/numbers.js";
import { Located } from "../../shared/ui/located.js";
import { When } from "../../shared/ui/when.js";
import { RunProgress } from "./run-progress.js";
import classes from "./verification-card.module.css";
import { VerificationPart } from "./verification-part.js";
import { Places, Surroundings } from "./verification-places.js";
import { divergenceNote, kindWords, verdictWords, workerWords } from "./verification-words.js";
import { WeightsApart } from "./weights-apart.js";

function Glyph({ verification }: { verification: Verification }) {
  const paths = {
    "bit-identical": "M5 8 H19 M5 16 H19",
    "within-tolerance": "M4 9 Q8 5 12 9 T20 9 M4 16 Q8 12 12 16 T20 16",
    different: "M5 8 H19 M5 16 H19 M15 3.5 L9 20.5",
    incomparable: "M5 12 H9 M15 12 H19",
  };
  if (verification.verdict === null) return null;
  return (
    <svg width={28} height={28} viewBox="0 0 24 24" aria-hidden="true">
      <path
        d={paths[verification.verdict]}
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}

/** Steps made in a training, as far as its ladder tells. */
const stepsOf = ({ rungs }: RunLadder) =>
  rungs.reduce((most, { kind, position }) => (kind === "step" ? Math.max(most, position + 1) : most), 0);

function Ladders({ run, verification }: { run: RunDetail; verification: Verification }) {
  const own = useQuery(runLadderQuery(run.id));
  const other = useQuery(runLadderQuery(verification.replicaRunId));
  if (!own.data || !other.data) return <div style={{ height: 190 }} aria-busy="true" />;
  const rungs = doubleLadder(own.data.rungs, other.data.rungs);
  const first = verification.firstDivergence;
  const again = verification.kind === "replay" ? "replayed" : "trained again";
  return (
    <VerificationPart>
      <h3>Up to where is it the same?</h3>
      <StepLadder
        rungs={rungs}
        first={first}
        note={first ? divergenceNote(first) : null}
        sides={["this run", again]}
      />
      <WeightsApart verification={verification} steps={stepsOf(own.data)} />
      <details className={classes.rungs}>
        <summary>Rung by rung</summary>
        <Ladder name={`This run beside the run ${again}`} rungs={rungs} />
      </details>
    </VerificationPart>
  );
}

function Pending({ verification }: { verification: Verification }) {
  const replica = useQuery({ ...runQuery(verification.replicaRunId), refetchInterval: 1_000 });
  return (
    <>
      <p className={classes.sentence} role="status">
        {verification.status === "queued"
          ? `Waiting for ${workerWords(verification)}. It is handed out before everything else.`
          : `${kindWords[verification.kind].doing}.`}
      </p>
      {replica.data ? <RunProgress run={replica.data} /> : null}
    </>
  );
}

/** One repetition: its verdict first, the ladders under it. */
export function VerificationCard({
  run,
  verification,
  open,
}: {
  run: RunDetail;
  verification: Verification;
  open: boolean;
}) {
  const { verdict, status } = verification;
  const pending = status === "queued" || status === "running";
  const look = verdict ? verdictWords[verdict] : null;
  const body = (
    <>
      <Places run={run} verification={verification} />
      {verdict ? <Ladders run={run} verification={verification} /> : null}
      {verification.firstDivergence && run.trainer !== builtInTrainer ? (
        <VerificationPart>
          <h3>In which operation do they part?</h3>
          <Located
            runId={run.id}
            otherId={verification.replicaRunId}
            nothingYet="The digests say at which step, not in which operation. A worker trains both again side by side, from their last common checkpoint before they part, every operation of PyTorch traced. Run and verdict stay as they are."
          />
        </VerificationPart>
      ) : null}
      <Surroundings run={run} verification={verification} />
    </>
  );
  return (
    <article
      className={classes.card}
      data-tone={look?.tone ?? "quiet"}
      aria-label={kindWords[verification.kind].noun}
    >
      <header className={classes.head}>
        <span className={classes.glyph}>
          <Glyph verification={verification} />
        </span>
        <div>
          <p className={classes.kind}>{kindWords[verification.kind].noun}</p>
          <h3 className={classes.verdict}>
            {look?.word ?? (status === "failed" ? "No verdict" : status === "queued" ? "Queued" : "Running")}
          </h3>
        </div>
      </header>
      {pending ? (
        <Pending verification={verification} />
      ) : (
        <p className={classes.sentence}>{unbroken(verification.explanation ?? "")}</p>
      )}
      {pending ? null : open ? (
        body
      ) : (
        <details className={classes.rungs}>
          <summary>
            Ladders and details, <When at={verification.createdAt} />
          </summary>
          {body}
        </details>
      )}
    </article>
  );
}
