/**
 * A text of several sentences as its first one, which leads, and the others; `rest` is empty where there is one only. Sentences may begin
 * with a number, before which Unicode's own rules see no boundary.
 */
export function leadSentence(text: string): { lead: string; rest: string } {
  const end = /[.?!] +(?=[\p{Lu}\d])/u.exec(text);
  return end
    ? { lead: text.slice(0, end.index + 1), rest: text.slice(end.index + end[0].length) }
    : { lead: text, rest: "" };
}
