import type { ReferenceStudy } from "@reprise/contracts";
import { everyDataset, type PublishedChoice } from "./published-choice.js";

/** Data sets that the tables of a published study are about, in the order in which they appear. */
export function datasetsOf(study: ReferenceStudy | undefined): string[] {
  const named = (study?.tables ?? []).flatMap((table) => {
    const at = table.columns.findIndex((column) => column.key === "dataset");
    const listed = at < 0 ? [] : table.rows.map((row) => row[at] ?? "");
    const subjects = table.columns.flatMap((column) =>
      ["accuracy", "sensitivity", "specificity"].includes(column.role) ? column.subject : [],
    );
    return [...listed, ...subjects];
  });
  return [...new Set(named)].filter((dataset) => dataset !== "");
}

/** "CIFAR-10" and cifar10, "LC25000 (Lung)" and lc25000Lung are one data set. */
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** What a sweep is about: its preset, its data set, and the evaluation sets of a zero-shot study. */
export type About = { preset: string | null; dataset: string; questions: readonly string[] };

/**
 * The published table about a sweep's own data: its data set is empty where none of the studies prints figures on that, and
 * then the study is the one that the preset comes from.
 */
export function fittingTable(
  studies: readonly ReferenceStudy[],
  { preset, dataset, questions }: About,
): PublishedChoice {
  const own = new Set([dataset, ...questions].map(plain));
  const analysis = questions.length > 0 ? "classification" : "determinism";
  for (const study of studies) {
    const [first, ...more] = datasetsOf(study).filter((name) => own.has(plain(name)));
    if (first !== undefined)
      return { reference: study.name, dataset: more.length > 0 ? everyDataset : first, analysis };
  }
  const family = preset?.split("/")[0] ?? "";
  const origin = studies.find(({ name }) => name === family || name.startsWith(`${family}-`));
  return { reference: (origin ?? studies[0])?.name ?? "", dataset: "", analysis };
}
