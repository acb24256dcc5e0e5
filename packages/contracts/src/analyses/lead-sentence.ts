import type { Verdict } from "./parts.js";

/**
 * The sentences of a verdict as the first one, which leads, and the others; `rest` is empty where there is one only. They are told apart
 * where they are made, since names of metrics and configurations may have full stops.
 */
export function leadSentence({ sentence, rest = "" }: Pick<Verdict, "sentence" | "rest">): {
  lead: string;
  rest: string;
} {
  return rest !== "" && sentence.endsWith(` ${rest}`)
    ? { lead: sentence.slice(0, -rest.length).trimEnd(), rest }
    : { lead: sentence, rest: "" };
}
