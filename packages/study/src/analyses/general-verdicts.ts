import type { Contradiction, Run, SweepSpec, Verdict } from "@reprise/contracts";
import { digestBasis, isReported } from "../evidence/digest-source.js";
import { countEnvironments, environmentWords } from "../evidence/environments.js";
import { type Cell, distinctDigests, nameOf, repetitions } from "./cells.js";
import { divergedVerdicts } from "./diverged.js";
import type { AnalysisInput, SortedRuns } from "./input.js";
import type { MetricWords } from "./metric-words.js";
import { allOf, counted, joinWords, soFar } from "./words.js";

/** ": equal digests in one environment (wasm on worker-1)": where runs were executed, as far as the record tells. */
function placeOf(runs: readonly Run[], environments: AnalysisInput["environments"]): string {
  const count = countEnvironments(runs, environments);
  if (count.environments.length === 0) return ", environment not recorded";
  const places = runs.flatMap(({ environmentId, backendUsed, workerName }) => {
    const place = [backendUsed, workerName].filter(Boolean).join(" on ");
    return environmentId === null || place === "" ? [] : [place];
  });
  const where = joinWords([...new Set(places)].slice(0, 4));
  return ` in ${environmentWords(count)}${where === "" ? "" : ` (${where})`}`;
}

/** What a record says against itself, as verdicts: nothing is concluded from these runs. */
export function contradictionVerdicts(contradictions: readonly Contradiction[]): Verdict[] {
  return contradictions.map(({ sentence, meaning }) => ({
    kind: "contradiction",
    tone: "contradiction",
    sentence: `Contradiction: ${sentence}`,
    basis: [
      meaning,
      "Equality of these runs is not claimed anywhere, and their figures are shown as they were reported.",
    ],
  }));
}

/**
 * Whether repeats of the reference arm ended with equal weights. Empty while no cell has two of them whose records agree.
 * Identity is counted, not tested: it needs no n and gives none.
 */
export function identityVerdicts(
  cells: readonly Cell[],
  spec: SweepSpec,
  {
    environments,
    contradictions,
  }: Pick<AnalysisInput, "environments"> & { contradictions: readonly Contradiction[] },
): Verdict[] {
  const shown = repetitions(cells, contradictions);
  if (shown.length === 0) return [];
  const runs = shown.flatMap((cell) => cell.runs);
  const different = shown.filter((cell) => !cell.identical);
  const reported = isReported(runs);
  const basis = [
    digestBasis(runs),
    "Deterministic repeats show whether executions are identical; they are not counted as independent observations in any test.",
  ];
  const varied = Object.values(spec.noise).includes("varied");
  if (different.length === 0) {
    const cellWords =
      shown.length === 1
        ? ""
        : `, ${counted(shown.length, "configuration-and-seed cell")} compared one by one`;
    const which = allOf(runs.length);
    if (reported) {
      return [
        {
          kind: "equal-digests",
          tone: "neutral",
          sentence: `The program reports equal digests of final weights for ${which} deterministic executions${placeOf(runs, environments)}${cellWords}. Reprise has not computed them; they say nothing about other hardware or about accuracy.`,
          basis,
        },
      ];
    }
    return [
      {
        kind: "bit-identical",
        tone: "good",
        sentence: `${which === "both" ? "Both" : `All ${runs.length}`} deterministic executions repeat to the bit: equal digests${placeOf(runs, environments)}${cellWords}. This shows repeatability there, not on other hardware, and says nothing about accuracy.`,
        basis,
      },
    ];
  }
  const names = different
    .slice(0, 3)
    .map(({ group, runs: own }) => `${nameOf(group)}: ${distinctDigests(own)} digests in ${own.length} runs`);
  const more = different.length > names.length ? ` and ${different.length - names.length} more` : "";
  return [
    {
      kind: "not-identical",
      tone: "attention",
      sentence: `${reported ? "The program reports unequal digests of deterministic executions" : "Deterministic executions did not repeat"} in ${different.length} of ${shown.length} configuration-and-seed cells (${names.join("; ")}${more}). ${
        varied
          ? "A noise source varies between repeats in this study, so that is expected."
          : "Compare the ladders of two such runs to see where they part."
      }`,
      basis,
    },
  ];
}

/** Why no run is there to be judged, or fewer than ran: "8 runs ended without validation accuracy". Empty where none is missing. */
export function missingRunsWords(
  { withoutMetric, departed, failed, pruned, excluded, pending }: SortedRuns,
  { label }: Pick<MetricWords, "label">,
): string {
  return joinWords([
    ...(withoutMetric.length > 0 ? [`${counted(withoutMetric.length, "run")} ended without ${label}`] : []),
    ...(departed.length > 0 ? [`${counted(departed.length, "run")} did not run as requested`] : []),
    ...(failed.length > 0
      ? [`${counted(failed.length, "run")} failed or ${failed.length === 1 ? "was" : "were"} cancelled`]
      : []),
    ...(pruned.length > 0
      ? [`${counted(pruned.length, "run")} ${pruned.length === 1 ? "was" : "were"} pruned`]
      : []),
    ...(excluded.length > 0
      ? [`${counted(excluded.length, "run")} ${excluded.length === 1 ? "was" : "were"} excluded by hand`]
      : []),
    ...(pending.length > 0 ? [`${counted(pending.length, "run has", "runs have")} not ended`] : []),
  ]);
}

/** Said once, first: what diverged, what is wrong with the values of the metric, and that runs are missing. */
export function leadingVerdicts(sorted: SortedRuns): Verdict[] {
  const { pending, used, departed, failed, pruned, excluded, withoutMetric, refused, apart, check } = sorted;
  const ofValues = [...divergedVerdicts(sorted), ...(check?.verdicts ?? [])];
  if (pending.length === 0) return ofValues;
  const ended = [used, departed, apart, failed, pruned, excluded, withoutMetric, refused];
  const total = ended.reduce((sum, { length }) => sum + length, pending.length);
  return [
    ...ofValues,
    {
      kind: "pending",
      tone: "neutral",
      sentence: `Provisional: ${pending.length} of ${total} runs have not ended, and the statements below may change.`,
      basis: [
        "Judge the study when all its runs have ended; stopping at a welcome result invalidates the tests.",
      ],
    },
  ];
}

/** One run of everything: nothing can be told apart from chance. */
export function singleRunVerdicts(cells: readonly Cell[]): Verdict[] {
  const sizes = cells.map(({ deterministic, others }) =>
    [deterministic, ...others].reduce((n, sample) => n + (sample?.runs.length ?? 0), 0),
  );
  const configurations = new Set(cells.map(({ group }) => group.configurationKey));
  if (cells.length === 0 || sizes.some((n) => n > 1) || configurations.size < cells.length) return [];
  return [
    {
      kind: "single-run",
      tone: "neutral",
      sentence: "One run per configuration: ranks are descriptive, and no effect can be claimed.",
      basis: ["Add seeds or repeats to see how far a configuration varies by itself."],
    },
  ];
}

/** While runs are missing, every verdict says that it is one of the moment. */
export function provisional(verdicts: readonly Verdict[], { pending, used }: SortedRuns): Verdict[] {
  if (pending.length === 0) return [...verdicts];
  const names = [
    ...new Set(
      used.flatMap(({ configurationLabel, params }) => [configurationLabel, ...Object.keys(params)]),
    ),
  ];
  return verdicts.map((verdict) =>
    verdict.kind === "pending" ? verdict : { ...verdict, sentence: soFar(verdict.sentence, names) },
  );
}
