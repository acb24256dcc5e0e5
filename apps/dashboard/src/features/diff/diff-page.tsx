import {
  builtInTrainer,
  environmentValueWords,
  type RunDetail,
  type RunDiff,
  whereDiverged,
} from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { runDiffQuery, runLadderQuery, runQuery } from "../../shared/api/run-queries.js";
import { sweepQuery } from "../../shared/api/sweep-queries.js";
import { Ladder } from "../../shared/charts/ladder.js";
import { doubleLadder } from "../../shared/charts/rungs.js";
import { count } from "../../shared/format/numbers.js";
import { parameterText } from "../../shared/format/parameters.js";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { Contradictions } from "../../shared/ui/contradictions.js";
import { Located } from "../../shared/ui/located.js";
import { Breadcrumb, PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import classes from "./diff-page.module.css";

const route = getRouteApi("/runs/$runId/diff/$otherId");

function nameOf(run: RunDetail | undefined, fallback: string): string {
  return run ? `${run.configurationLabel} · seed ${run.seed} · ${run.arm} ${run.repeat + 1}` : fallback;
}

function Side({ side, run, id }: { side: string; run: RunDetail | undefined; id: string }) {
  return (
    <div className={classes.side}>
      <span className="dim small">{side}</span>
      <Link to="/runs/$runId" params={{ runId: id }}>
        {nameOf(run, `run ${id.slice(0, 8)}`)}
      </Link>
      <span className={classes.digest}>
        <DigestChip digest={run?.digest ?? null} />
      </span>
      {run?.diverged ? <span className={classes.diverged}>diverged: {whereDiverged(run)}</span> : null}
    </div>
  );
}

type Row = RunDiff["configuration"][number] | RunDiff["environment"][number];

function Differences({
  rows,
  nothing,
  absent,
  name,
}: {
  rows: readonly Row[];
  nothing: string;
  /** Said of a field that one of the runs lacks. */
  absent: string;
  name: string;
}) {
  if (rows.length === 0) return <p className="dim">{nothing}</p>;
  const text = (row: Row, side: "a" | "b") => {
    const value = row[side];
    if (row.missing === side) return absent;
    // Null of an environment is a value that was looked for and not found.
    if ("likelihood" in row && value === null) return environmentValueWords(row.key, value);
    // Readers count repeats from one.
    return parameterText(row.key === "repeat" && typeof value === "number" ? value + 1 : value);
  };
  return (
    <ScrollRegion label={name}>
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">First</th>
            <th scope="col">Second</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row" className="mono">
                {row.key.split(/(?<=\.)/).map((part, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: parts of a name repeat, and stay where they are
                  <Fragment key={index}>
                    {index > 0 ? <wbr /> : null}
                    {part}
                  </Fragment>
                ))}
                {"setByArm" in row && row.setByArm ? (
                  <span className={classes.treatment}> set by the arm</span>
                ) : null}
              </th>
              <td className="mono">{text(row, "a")}</td>
              <td className="mono">{text(row, "b")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function wholeLadderWords({ digestsReported, contradictions }: RunDiff): string {
  if (contradictions.length > 0) return "and yet the records contradict each other, see above.";
  return digestsReported
    ? "as far as the program reports, the runs are equal. Reprise has not computed these digests."
    : "the runs are bit-identical.";
}

function ladderWords(diff: RunDiff): string {
  const { matched, differing, incomparable, parting } = diff.ladder;
  const left = incomparable
    ? ` ${count(incomparable.rungs, "rung")} could not be compared: ${incomparable.because}.`
    : "";
  if (matched + differing === 0) return left.trim() || "Neither run has recorded a rung yet.";
  if (differing === 0) {
    const which = incomparable ? `The other ${count(matched, "rung")}` : `All ${count(matched, "rung")}`;
    return `${which} are equal: ${wholeLadderWords(diff)}${left}`;
  }
  const where = parting?.sentence ?? "Everything that both computed is equal.";
  return `${count(matched)} rungs are equal, ${count(differing)} are not. ${where}${left}`;
}

/** As high as a ladder, so that what stands below it does not move when it comes; nothing where no rung can come. */
const ladderHeight = ({ ladder: { matched, differing, incomparable } }: RunDiff) =>
  matched + differing + (incomparable?.rungs ?? 0) > 0 ? 640 : 0;

/** What is said where no difference of the environments is listed. */
function environmentWords({ environmentsRecorded: { a, b } }: RunDiff): string {
  if (a && b) return "No: the recorded environments are the same.";
  if (a || b) return `Unknown: the environment of the ${a ? "second" : "first"} run is not recorded.`;
  return "Unknown: no environment is recorded for these runs.";
}

/** Whether the two compute the same thing and yet differ, by a program that can be looked into. */
const canPart = ({ ladder, configuration }: RunDiff, a: RunDetail | undefined) =>
  a !== undefined &&
  a.trainer !== builtInTrainer &&
  ladder.parting !== null &&
  !configuration.some(({ key }) => key.startsWith("params.") || key === "trainer" || key === "dataset");

/** Two runs side by side: only what differs, and how far down they are the same. */
export function DiffPage() {
  const { runId, otherId } = route.useParams();
  const diff = useQuery(runDiffQuery(runId, otherId));
  const a = useQuery(runQuery(runId));
  const b = useQuery(runQuery(otherId));
  const ladderA = useQuery(runLadderQuery(runId));
  const ladderB = useQuery(runLadderQuery(otherId));
  const sweepId = a.data?.sweepId ?? null;
  const sweep = useQuery({ ...sweepQuery(sweepId ?? ""), enabled: sweepId !== null });
  const crumbs = [
    { label: "Sweeps", to: "/" },
    ...(sweepId
      ? [{ label: sweep.data?.name ?? (sweep.isError ? "Sweep" : ""), to: `/sweeps/${sweepId}` }]
      : []),
    { label: nameOf(a.data, a.isError ? "Run" : ""), to: `/runs/${runId}` },
  ];
  return (
    <>
      <Breadcrumb crumbs={crumbs} here="Diff" />
      <div className={classes.top}>
        <PageTitle title="What tells these runs apart?" />
      </div>
      <div className={classes.sides}>
        <Side side="First" run={a.data} id={runId} />
        <Side side="Second" run={b.data} id={otherId} />
      </div>
      <QueryView query={diff} height={480} label="Loading the differences">
        {(data) => (
          <>
            <Contradictions contradictions={data.contradictions} />
            <Section title="What was set differently?">
              <Differences
                rows={data.configuration}
                nothing="Nothing: configuration and execution are the same."
                absent="not set"
                name="Differences in configuration"
              />
            </Section>
            <Section title="Up to where are they the same?" lead={ladderWords(data)}>
              <QueryView query={ladderA} height={ladderHeight(data)} label="Loading the ladders">
                {(first) => (
                  <QueryView query={ladderB} height={ladderHeight(data)} label="Loading the ladders">
                    {(second) => (
                      <Ladder
                        name="Digest ladders of both runs"
                        rungs={doubleLadder(first.rungs, second.rungs)}
                      />
                    )}
                  </QueryView>
                )}
              </QueryView>
            </Section>
            {canPart(data, a.data) ? (
              <Section title="In which operation do they part?">
                <Located
                  runId={runId}
                  otherId={otherId}
                  nothingYet="A worker trains both again side by side, from their last common checkpoint before they part, every operation of PyTorch traced, and names the first that gives something else. Both runs stay as they are."
                />
              </Section>
            ) : null}
            <Section title="Did they run in different places?">
              <Differences
                rows={data.environment}
                nothing={environmentWords(data)}
                absent="not recorded"
                name="Differences in environment"
              />
            </Section>
          </>
        )}
      </QueryView>
    </>
  );
}
