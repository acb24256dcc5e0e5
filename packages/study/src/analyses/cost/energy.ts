import {
  type Consumption,
  type EnergyAnalysis,
  type EnergyRow,
  energyLedgerKinds,
  type Run,
  type Verdict,
} from "@reprise/contracts";
import { sum } from "@reprise/statistics";
import { hasDeparted } from "../../claims/departures.js";
import { cellsOf, known } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import { type AnalysisInput, provenanceOf, runNotes, sortRuns } from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { column, tableOf } from "../table.js";
import { allOf, counted } from "../words.js";

const electricity: MetricWords = { key: "energy", label: "energy", unit: "kWh", direction: null };

type LedgerKind = (typeof energyLedgerKinds)[number];

/** Study runs, and every other run that the study caused: verifications and replays. */
export type EnergyInput = AnalysisInput & { allRuns?: readonly Run[] };

function consumptionOf(runs: readonly Run[]): Consumption {
  const recorded = runs.flatMap(({ energy }) => (energy === null ? [] : [energy]));
  return {
    runs: runs.length,
    recorded: recorded.length,
    kWh: sum(recorded.map(({ kWh }) => kWh)),
    gCO2e: sum(recorded.map(({ gCO2e }) => gCO2e)),
  };
}

function kindOf(run: Run): LedgerKind {
  if (run.purpose !== "study") return run.purpose;
  if (run.status === "queued" || run.status === "running") return "unfinished";
  if (run.status !== "succeeded") return run.status;
  if (run.excludedReason !== null) return "excluded";
  return hasDeparted(run) ? "departed" : "experiment";
}

function rowsOf(input: EnergyInput, runs: readonly Run[]): EnergyRow[] {
  const cells = cellsOf(input.sweep.spec, runs, electricity.key);
  const groups = new Map<string, Run[]>();
  for (const { group, deterministic, others } of cells) {
    for (const sample of deterministic ? [deterministic, ...others] : others) {
      const key = JSON.stringify([group.configurationKey, sample.arm]);
      groups.set(key, [...(groups.get(key) ?? []), ...sample.runs]);
    }
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const used = consumptionOf(members);
    return [
      {
        configurationKey: first.configurationKey,
        configurationLabel: first.configurationLabel,
        arm: first.arm,
        ...used,
        kWhPerRun: known(used.kWh / used.recorded),
      },
    ];
  });
}

/** "tdp-hours (countryIso DEU, pue 1)": how a run's energy came about. */
function methodOf({ energy }: Run): string[] {
  if (energy === null) return [];
  const factors = Object.entries(energy.factors)
    // What was measured differs from run to run; factors are what was assumed.
    .filter(
      ([name]) => !/(hours|seconds|joules|watts|utilisation|share|ramGib|samples|durationMs)$/i.test(name),
    )
    .map(([name, value]) => `${name} ${value}`);
  return [`${energy.method}${factors.length > 0 ? ` (${factors.join(", ")})` : ""}`];
}

/** Three significant digits, with the unit that keeps them readable. */
function amount(value: number, [small, large]: [string, string]): string {
  const [shown, unit] = value < 1 ? [value * 1000, small] : [value, large];
  return `${Number(shown.toPrecision(3))} ${unit}`;
}
const kWhWords = (kWh: number) => amount(kWh, ["Wh", "kWh"]);
const carbonWords = (gCO2e: number) => amount(gCO2e / 1000, ["g CO2e", "kg CO2e"]);

function verdictsOf(experiment: Consumption, all: Consumption, methods: readonly string[]): Verdict[] {
  if (all.recorded === 0) {
    return [
      {
        kind: "degenerate",
        tone: "neutral",
        sentence: "No energy was recorded for any run.",
        basis: [`${counted(all.runs, "run")}; a missing record does not mean zero consumption.`],
      },
    ];
  }
  const missing = all.runs - all.recorded;
  return [
    {
      kind: "spread",
      tone: "neutral",
      sentence: `The ${counted(experiment.recorded, "reported run")} used ${kWhWords(experiment.kWh)} (${carbonWords(experiment.gCO2e)}); ${missing > 0 ? `the ${counted(all.recorded, "run")} of the study with a record` : all.recorded === 1 ? "the only run of the study" : `${allOf(all.recorded)} runs of the study`}${all.runs > 1 ? ", including those that failed, were cancelled or were repeated," : ""} used ${kWhWords(all.kWh)} (${carbonWords(all.gCO2e)})${missing > 0 ? `, not counting ${counted(missing, "run")} without a record` : ""}.`,
      basis: [
        ...methods.map((method) => `Method: ${method}.`),
        "Attempts of a run that were lost or retried count with the run. Idle machines, development and data preparation are not included.",
      ],
    },
  ];
}

/**
 * Table VI of the CUDA-randomness paper from runs: energy and carbon per configuration and arm of the reported runs, and a
 * ledger of everything the study ran: excluded, failed, cancelled, verification and replay runs.
 */
export function energyAnalysis(input: EnergyInput): EnergyAnalysis {
  const sorted = sortRuns(input.runs, null);
  const all = input.allRuns ?? input.runs;
  const rows = rowsOf(input, sorted.used);
  const ledger = energyLedgerKinds
    .map((kind) => ({ kind, ...consumptionOf(all.filter((run) => kindOf(run) === kind)) }))
    .filter(({ kind, runs }) => runs > 0 || kind === "experiment");
  const experimentRuns = consumptionOf(all.filter((run) => kindOf(run) === "experiment"));
  // Queued runs have used nothing and are no gap in the record.
  const allRuns = consumptionOf(all.filter((run) => run.status !== "queued"));
  const methods = [...new Set(all.flatMap(methodOf))].toSorted();
  const notes = runNotes({ sorted, metric: electricity });
  if (methods.length > 1)
    notes.push(
      `Energy was determined in ${methods.length} ways or with different factors. Totals mix them; see the methods.`,
    );
  notes.push(
    "Carbon is energy × power usage effectiveness (PUE) of the building × carbon intensity of the grid at the declared place, an annual average: it is an estimate even where energy was measured.",
  );
  return {
    analysis: "energy",
    provenance: provenanceOf(input, electricity, sorted, {
      planned: false,
      method: `Sums of recorded energy${methods.length > 0 ? `: ${methods.join("; ")}` : ""}.`,
      correction: "Descriptive: no test is made.",
    }),
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional(verdictsOf(experimentRuns, allRuns, methods), sorted),
    ],
    notes,
    table: energyTable(rows, ledger),
    rows,
    ledger,
    experimentRuns,
    allRuns,
    methods,
  };
}

type Line = { what: string; arm: string | null } & Consumption & { kWhPerRun: EnergyRow["kWhPerRun"] };

function energyTable(rows: readonly EnergyRow[], ledger: EnergyAnalysis["ledger"]) {
  const lines: Line[] = [
    ...rows.map((row) => ({ ...row, what: row.configurationLabel })),
    ...ledger.map(({ kind, ...used }) => ({
      what: `sum: ${kind}`,
      arm: null,
      ...used,
      kWhPerRun: known(used.kWh / used.recorded),
    })),
  ];
  return tableOf<Line>(
    "Energy and carbon",
    [
      column("what", "Runs", null, "Configuration of reported runs, or kind of run", ({ what }) => what),
      column("arm", "Arm", null, "How the runs were executed", ({ arm }) => arm),
      column("runs", "n", null, "Runs", ({ runs }) => runs),
      column("recorded", "recorded", null, "Runs whose energy is known", ({ recorded }) => recorded),
      column("kWh", "Energy", "kWh", "Sum over recorded runs", ({ kWh }) => kWh),
      column("gCO2e", "Carbon", "g CO2e", "Sum over recorded runs", ({ gCO2e }) => gCO2e),
      column("kWhPerRun", "Energy per run", "kWh", "Mean over recorded runs", ({ kWhPerRun }) => kWhPerRun),
    ],
    lines,
  );
}
