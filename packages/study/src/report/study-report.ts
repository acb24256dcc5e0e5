import {
  canonicalJson,
  environmentValueWords,
  isUrgent,
  parseWith,
  type ReportedAnalysis,
  type StudyReport,
  type SweepSpec,
  sweepSpec,
  verdictRows,
} from "@reprise/contracts";
import { counted, nameInWords } from "../analyses/words.js";
import { captionOf, noteOf } from "../exports/export-table.js";
import { printedTable } from "../exports/printed-table.js";
import { checklistsOf } from "./checklists.js";
import { designFacts, type Facts, factsOf, ranFacts, type StudyReportInput } from "./input.js";
import { limitsOf } from "./limits.js";
import { methodsOf } from "./methods.js";

function questionOf({ input: { sweep }, configurations, arms, metric }: Facts): string {
  if (sweep.spec.description.trim() !== "") return sweep.spec.description.trim();
  const what = metric?.label ?? "result";
  const compared = arms.length > 1 ? ` under ${arms.map(({ name }) => name).join(" and ")} execution` : "";
  return `Would ${counted(configurations.length, "configuration")} reach the same ${what} again${compared}?`;
}

function resultOf(analysis: ReportedAnalysis): StudyReport["results"][number] {
  const { table, provenance, verdicts, notes } = analysis;
  const printed = printedTable(table, provenance.metricUnit, "short");
  return {
    analysis: analysis.analysis,
    caption: captionOf({ table, provenance }),
    note: noteOf({ table, provenance }, printed),
    table,
    printed,
    verdicts,
    notes,
  };
}

/** What all environments have alike is said once. */
function environmentsOf({ input, environmentIds, succeeded }: Facts): StudyReport["environments"] {
  const each = environmentIds.map((id) => {
    const values = input.environments.find((environment) => environment.id === id)?.values ?? {};
    return {
      id,
      runs: succeeded.filter(({ environmentId }) => environmentId === id).length,
      values: Object.entries(values)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([label, value]) => ({ label, value: environmentValueWords(label, value) })),
    };
  });
  const isShared = ({ label, value }: { label: string; value: string }) =>
    each.every(({ values }) => values.some((other) => other.label === label && other.value === value));
  return {
    shared: each[0]?.values.filter(isShared) ?? [],
    each: each.map((one) => ({ ...one, values: one.values.filter((value) => !isShared(value)) })),
  };
}

/** Analyses in the order in which their sentences weigh: looks of a sequential study, planned contrasts, spread, cases. */
const weights: readonly ReportedAnalysis["analysis"][] = [
  "sequential",
  "significance",
  "configurations",
  "determinism",
  "classification",
];

/** The first sentence about everything that was asked, and whatever needs attention; all of them stand with the evidence. */
function answerOf({ input: { analyses, sweep } }: Facts): StudyReport["answer"] {
  const determinism = analyses.find((analysis) => analysis.analysis === "determinism");
  const said = weights.flatMap((name) => {
    const analysis = analyses.find((one) => one.analysis === name);
    // As on the page of the study: configurations are told apart up here only where the plan says so.
    const isHere =
      analysis?.analysis !== "configurations" || (analysis.provenance.planned && !sweep.spec.design);
    return isHere ? (analysis?.verdicts ?? []) : [];
  });
  return {
    headline: determinism?.headline ?? null,
    rows: verdictRows(said.filter(({ kind }) => kind !== "pending")).flatMap(({ subject, lines }) => {
      const shown = lines.filter(({ verdict }, index) => index === 0 || isUrgent(verdict));
      const [first] = shown;
      return first
        ? [
            {
              about: subject,
              tone: (shown.find(({ verdict }) => isUrgent(verdict)) ?? first).verdict.tone,
              sentences: shown.map(({ words }) => words),
            },
          ]
        : [];
    }),
  };
}

function provisionalNote({ pending, excluded }: Facts): string | null {
  const parts = [
    ...(pending.length > 0 ? [`${counted(pending.length, "run has", "runs have")} not ended`] : []),
    ...(excluded.length > 0 ? [`${counted(excluded.length, "run is", "runs are")} excluded by hand`] : []),
  ];
  if (parts.length === 0) return null;
  return `${pending.length > 0 ? "Provisional: " : "Note: "}${parts.join(", ")}.`;
}

/** What decides what is trained and reported; name, description and tags do not. */
const trained = ({ base, search, seeds, modes, arms, dataset, selection, objective, threshold }: SweepSpec) =>
  canonicalJson({ base, search, seeds, modes, arms, dataset, selection, objective, threshold });

/** What the preset does otherwise than the published study, and whether the study still does what the preset does. */
function deviationsOf({ preset, sweep }: StudyReportInput): StudyReport["deviations"] {
  if (!preset || preset.deviations.length === 0) return null;
  const spec = parseWith(sweepSpec, preset.spec);
  if (spec.ok && spec.value.trainer !== sweep.spec.trainer)
    return {
      preset: preset.name,
      sentence: `The study was launched from a preset named ${preset.name}, and trained by ${sweep.spec.trainer}. In this version the preset of that name is trained by ${spec.value.trainer}, so it is another document, and how this study differs from the published one is not listed here.`,
      items: [],
    };
  const edited = !spec.ok || trained(spec.value) !== trained(sweep.spec);
  return {
    preset: preset.name,
    sentence: `The study's document was taken from the preset ${preset.name}, which follows a published study and differs from it as listed. Source for the published study: ${preset.source}.${
      edited
        ? " The document was changed afterwards: what is listed as “here” describes the preset, not this study."
        : ""
    }`,
    items: preset.deviations,
  };
}

/**
 * A study as a document: question and answer, results with their verdicts, limits and methods with the tests; then, as an appendix,
 * design, environment, what was run, and checklists filled from the record. Pure: everything comes from the input, and nothing is invented.
 */
export function studyReport(input: StudyReportInput): StudyReport {
  const facts = factsOf(input);
  return {
    title: input.sweep.name,
    sweepId: input.sweep.id,
    generatedAt: input.generatedAt,
    software: input.software,
    provisional: provisionalNote(facts),
    question: questionOf(facts),
    answer: answerOf(facts),
    design: designFacts(facts),
    deviations: deviationsOf(input),
    claims: [...facts.claims],
    environments: environmentsOf(facts),
    ran: ranFacts(facts),
    results: input.analyses.filter(({ table }) => table.rows.length > 0).map(resultOf),
    tests: input.analyses.map(
      ({ analysis, provenance }) =>
        `${nameInWords(analysis)}, ${provenance.metricLabel}, ${counted(provenance.runsUsed, "run")} (${provenance.planned ? "planned" : "chosen after seeing results"}): ${provenance.method} ${provenance.correction}`,
    ),
    limits: limitsOf(facts),
    methods: methodsOf(facts),
    checklists: checklistsOf(facts),
  };
}
