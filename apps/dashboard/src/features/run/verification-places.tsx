import { environmentValueWords, type RunDetail, type Verification } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { runDiffQuery, runQuery } from "../../shared/api/run-queries.js";
import { parameterText } from "../../shared/format/parameters.js";
import { duration } from "../../shared/format/time.js";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { When } from "../../shared/ui/when.js";
import { VerificationPart } from "./verification-part.js";
import classes from "./verification-places.module.css";

const missing = <span className="dim">–</span>;

/** On which worker and in which environment both were trained, beside what came out. */
export function Places({ run, verification }: { run: RunDetail; verification: Verification }) {
  const { replicaRunId: otherId } = verification;
  // The card may have read the repetition while it was still being trained.
  const replica = useQuery({
    ...runQuery(otherId),
    refetchInterval: ({ state }) => (state.data && !state.data.endedAt ? 2_000 : false),
  }).data;
  const rows: { name: string; of: (run: RunDetail) => ReactNode }[] = [
    { name: "Worker", of: ({ workerName }) => workerName ?? missing },
    { name: "Environment", of: ({ environmentId }) => <DigestChip digest={environmentId} /> },
    { name: "Backend", of: ({ backendUsed }) => backendUsed ?? missing },
    { name: "Final weights", of: ({ digest }) => <DigestChip digest={digest} /> },
    { name: "Time", of: ({ durationMs }) => <span className="num">{duration(durationMs)}</span> },
  ];
  return (
    <VerificationPart>
      <ScrollRegion label="Where both were trained">
        <table className={`data-table ${classes.places}`}>
          <caption className="visually-hidden">Where both were trained</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">This run</th>
              <th scope="col">Repetition</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, of }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{of(run)}</td>
                <td>{replica ? of(replica) : missing}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      <p className="small dim">
        Asked <When at={verification.createdAt} />
        {" · "}
        <Link to="/runs/$runId" params={{ runId: otherId }}>
          its own page
        </Link>
        {" · "}
        <Link to="/runs/$runId/diff/$otherId" params={{ runId: run.id, otherId }}>
          all differences
        </Link>
      </p>
    </VerificationPart>
  );
}

const likelihoodWords = { likely: "often", possible: "sometimes", unlikely: "rarely" } as const;
type Difference = Pick<Verification["suspects"][number], "key" | "source" | "replica" | "likelihood">;

const textOf = (key: string, value: Difference["source"]) =>
  value === null ? environmentValueWords(key, value) : parameterText(value);

/** What was different around the two: suspects where they part, and where they do not, what did not matter. */
export function Surroundings({ run, verification }: { run: RunDetail; verification: Verification }) {
  const diff = useQuery({
    ...runDiffQuery(run.id, verification.replicaRunId),
    enabled: verification.suspects.length === 0,
  }).data;
  const rows: Difference[] =
    verification.suspects.length > 0
      ? verification.suspects
      : (diff?.environment ?? []).map(({ key, a, b, likelihood }) => ({
          key,
          source: a,
          replica: b,
          likelihood,
        }));
  if (rows.length === 0) {
    if (!diff) return null;
    return <p className="small dim">Nothing that was recorded of the environments of the two differs.</p>;
  }
  const same = verification.verdict === "bit-identical";
  return (
    <VerificationPart>
      <h3>What was different around it?</h3>
      <p className="small dim">
        {same
          ? "None of this changed a bit of the result."
          : "Differences in the environment are possible causes, not proof."}
      </p>
      <ScrollRegion label="Differences of the environment">
        <table className="data-table">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">This run</th>
              <th scope="col">Repetition</th>
              <th scope="col">Changes results</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, source, replica, likelihood }) => (
              <tr key={key}>
                <th scope="row" className="mono">
                  {key}
                </th>
                <td className="mono">{textOf(key, source)}</td>
                <td className="mono">{textOf(key, replica)}</td>
                <td>{likelihoodWords[likelihood]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </VerificationPart>
  );
}
