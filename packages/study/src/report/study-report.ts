import {
  canonicalJson,
  parseWith,
  type ReportedAnalysis,
  type StudyReport,
  type SweepSpec,
  sweepSpec,
} from "@reprise/contracts";
import { counted, nameInWords } from "../analyses/words.js";
import { captionOf } from "../exports/export-table.js";
import { printedRows } from "../exports/rounding.js";
import { checklistsOf } from "./checklists.js";
import { designFacts, type Facts, factsOf, ranFacts, type StudyReportInput } from "./input.js";
import { limitsOf } from "./limits.js";
import { methodsParagraph } from "./methods.js";

function questionOf({ input: { sweep }, configurations, arms, metric }: Facts): string {
  if (sweep.spec.description.trim() !== "") return sweep.spec.description.trim();
  const what = metric?.label ?? "the result";
  const compared = arms.length > 1 ? ` under ${arms.map(({ name }) => name).join(" and ")} execution` : "";
  return `Would ${what} of ${counted(configurations.length, "configuration")} happen again${compared}?`;
}

function resultOf(analysis: ReportedAnalysis): StudyReport["results"][number] {
  const { table, provenance, verdicts, notes } = analysis;
  return {
    analysis: analysis.analysis,
    caption: captionOf({ table, provenance }),
    table,
    printed: printedRows(table, provenance.metricUnit),
    verdicts,
    notes,
  };
}

/** A variable that was looked for and is not there is known not to be set. */
const absentWords = (label: string) => (label.startsWith("variable.") ? "not set" : "unknown");

function environmentsOf({ input, environmentIds, succeeded }: Facts): StudyReport["environments"] {
  return environmentIds.map((id) => {
    const values = input.environments.find((environment) => environment.id === id)?.values ?? {};
    return {
      id,
      runs: succeeded.filter(({ environmentId }) => environmentId === id).length,
      values: Object.entries(values)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([label, value]) => ({ label, value: value === null ? absentWords(label) : String(value) })),
    };
  });
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
      sentence: `The study was launched from a preset named ${preset.name}, and trained by ${sweep.spec.trainer}. The preset of that name trains by ${spec.value.trainer} in this version: it is another document, and how this study differs from the published one is not listed here.`,
      items: [],
    };
  const edited = !spec.ok || trained(spec.value) !== trained(sweep.spec);
  return {
    preset: preset.name,
    sentence: `The study's document was taken from the preset ${preset.name}, which follows a published study and differs from it as listed. The published side is known from: ${preset.source}.${
      edited
        ? " The document was changed afterwards: what stands under “here” is the preset's, and the design above is this study's."
        : ""
    }`,
    items: preset.deviations,
  };
}

/**
 * One page about a study: question, design, environment, what was run, results with their verdicts, tests, limits, a methods
 * paragraph, and checklists filled from the record. Pure: everything comes from the input, and nothing is invented.
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
    methods: methodsParagraph(facts),
    checklists: checklistsOf(facts),
  };
}
