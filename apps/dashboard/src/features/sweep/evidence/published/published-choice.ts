import { analyses, type PublishedAnalysis, publishedAnalyses } from "@reprise/contracts";

/** Which tables of a sweep can be laid beside published ones. */
export const besideAnalyses = publishedAnalyses.map((value) => ({
  value,
  label: analyses[value].published,
}));

export const everyDataset = "all";

/** A published study, the data set of it that is looked at (empty: none yet), and the analysis to lay beside it. */
export type PublishedChoice = {
  reference: string;
  dataset: string;
  analysis: PublishedAnalysis["analysis"];
};

/** "reference~dataset~analysis", as it stands in the address; what is not chosen there is empty or undefined. */
export function publishedChoice(
  text: string,
): Omit<PublishedChoice, "analysis"> & { analysis?: PublishedChoice["analysis"] } {
  const [reference = "", dataset = "", analysis = ""] = text.split("~");
  const known = besideAnalyses.find(({ value }) => value === analysis);
  return { reference, dataset, ...(known ? { analysis: known.value } : {}) };
}
