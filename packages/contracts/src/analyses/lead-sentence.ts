/** A text of several sentences as its first one, which leads, and the others; `rest` is empty where there is one only. */
export function leadSentence(text: string): { lead: string; rest: string } {
  const [first] = new Intl.Segmenter("en", { granularity: "sentence" }).segment(text);
  const end = first?.segment.length ?? text.length;
  return { lead: text.slice(0, end).trimEnd(), rest: text.slice(end).trimStart() };
}
