import {
  decodeNumber,
  type RuntimeAnalysis,
  type RuntimeRow,
  type RuntimeTest,
  referenceArm,
} from "@reprise/contracts";
import { mean } from "@reprise/statistics";
import { type Cell, cellsOf, known, type Sample } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import { type AnalysisInput, provenanceOf, runNotes, sortRuns } from "../input.js";
import { column, configurationColumn, tableOf } from "../table.js";
import { settingsOf } from "../tests/significance-tests.js";
import { correctionNames, counted } from "../words.js";
import { minutes, runtimeTests } from "./runtime-tests.js";

/** Minutes of the runs of a sample; runs without a duration (logged from elsewhere) are left out. */
function minutesOf(sample: Sample | null): number[] {
  return (sample?.runs ?? []).flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs / 60_000]));
}

function rowsOf({ group, deterministic, others }: Cell): RuntimeRow[] {
  const fixed = minutesOf(deterministic);
  return others.map((sample): RuntimeRow => {
    const own = minutesOf(sample);
    const deterministicMinutes = mean(fixed);
    const meanMinutes = mean(own);
    return {
      group,
      arm: sample.arm,
      deterministicRuns: fixed.length,
      deterministicMinutes: known(deterministicMinutes),
      runs: own.length,
      meanMinutes: known(meanMinutes),
      percent: known(((meanMinutes - deterministicMinutes) / deterministicMinutes) * 100),
    };
  });
}

function places(input: AnalysisInput): string[] {
  return [...new Set(input.runs.flatMap(({ workerName }) => (workerName === null ? [] : [workerName])))];
}

/**
 * Table IV of the CUDA-randomness paper from runs: wall time of deterministic execution beside other arms, seed by seed, and
 * the difference paired over seeds. Wall time is a measurement of the machine as much as of the method; the notes say so.
 */
export function runtimeAnalysis(input: AnalysisInput): RuntimeAnalysis {
  const { spec } = input.sweep;
  const sorted = sortRuns(input.runs, null);
  const settings = settingsOf(spec);
  const rows = cellsOf(spec, sorted.used, minutes.key).flatMap(rowsOf);
  const { tests: bare, family } = runtimeTests(rows, settings);
  const tests = bare.map((test): RuntimeTest => {
    const [verdict] = provisional([test.verdict], sorted);
    return verdict ? { ...test, verdict } : test;
  });
  const workers = places(input);
  const notes = [
    ...runNotes({ sorted, metric: minutes }),
    "Wall time depends on whatever else the machine did. It is the time from start to end of the attempt that succeeded, including the loading of data; beyond the environment record, nothing is known to have been held constant.",
  ];
  if (workers.length > 1)
    notes.push(`The runs were spread over ${workers.length} workers, which may differ in speed.`);
  if ((spec.maxParallelRuns ?? 2) > 1)
    notes.push("Several runs may have been trained at the same time and have slowed each other down.");
  if (!referenceArm(spec)) notes.push("This study has no deterministic arm to compare with.");
  const silent = sorted.used.filter(({ durationMs }) => durationMs === null).length;
  if (silent > 0) notes.push(`${counted(silent, "run")} without a recorded duration.`);
  // The paper's unit is the minute; runs of a few seconds are unreadable in it.
  const longest = Math.max(
    0,
    ...rows.flatMap((row) => [
      decodeNumber(row.deterministicMinutes ?? 0),
      decodeNumber(row.meanMinutes ?? 0),
    ]),
  );
  const { unit, perMinute } = longest < 2 ? { unit: "s", perMinute: 60 } : { unit: "min", perMinute: 1 };
  const shown = (value: RuntimeRow["meanMinutes"]) =>
    value === null ? null : known(decodeNumber(value) * perMinute);
  return {
    analysis: "runtime",
    provenance: provenanceOf(input, minutes, sorted, {
      planned: false,
      method:
        "Mean wall time per arm, configuration and seed; % is (other − deterministic) / deterministic. Paired t-test of the differences over seeds (one per seed), with Wilcoxon's signed-rank test beside it.",
      correction:
        family === 0
          ? "No test could be made."
          : settings.correction === "none"
            ? `No correction for multiplicity over ${counted(family, "paired test")}.`
            : `${correctionNames[settings.correction]} over ${counted(family, "paired test")} (one per configuration and arm, one per arm over all configurations).`,
    }),
    verdicts: [...leadingVerdicts(sorted), ...tests.map(({ verdict }) => verdict)],
    notes,
    table: tableOf<RuntimeRow>(
      "Wall time of deterministic and other executions",
      [
        configurationColumn((row) => row.group.configurationLabel),
        column("seed", "Seed", null, "Seed of all random draws", (row) => row.group.seed),
        column("arm", "Arm", null, "Executions compared with the deterministic ones", (row) => row.arm),
        column("deterministicRuns", "n det.", null, "Deterministic runs", (row) => row.deterministicRuns),
        column("deterministicTime", "Det.", unit, "Their mean wall time", (row) =>
          shown(row.deterministicMinutes),
        ),
        column("runs", "n", null, "Runs of the arm", (row) => row.runs),
        column("meanTime", "Mean", unit, "Their mean wall time", (row) => shown(row.meanMinutes)),
        column(
          "percent",
          "Difference",
          "%",
          "(other - deterministic) / deterministic, in percent",
          (row) => row.percent,
        ),
      ],
      rows,
    ),
    rows,
    tests,
  };
}
