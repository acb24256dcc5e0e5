/** Which tables of a sweep can be laid beside published ones. */
export const besideAnalyses = [
  { value: "determinism", label: "Tables II and III: deterministic beside free" },
  { value: "significance", label: "Table V: significant configurations" },
  { value: "classification", label: "Accuracy, sensitivity, specificity" },
] as const;

export const everyDataset = "all";

/** "reference~dataset~analysis", as it stands in the address. */
export function publishedChoice(text: string) {
  const [reference = "", dataset = "", analysis = ""] = text.split("~");
  const known = besideAnalyses.find(({ value }) => value === analysis);
  return { reference, dataset, analysis: known?.value ?? ("determinism" as const) };
}
