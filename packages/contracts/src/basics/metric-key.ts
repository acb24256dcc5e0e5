import { z } from "zod";

/** Characters, as a reader counts code points. */
const longest = 250;
/** Controls, separators of lines, halves of characters, and what is not to be seen or turns the direction of writing. */
const hidden =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/u;
const visible = /[^\p{C}\p{Z}\p{M}]/u;

const codePoint = (character: string) =>
  `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`;

/** What a name breaks; null for a good one. */
function brokenRule(name: string): string | null {
  if (name === "") return "a metric needs a name";
  const [bad] = hidden.exec(name) ?? [];
  if (bad !== undefined)
    return `holds ${codePoint(bad)}: a metric's name is of characters that can be printed`;
  if (/^\p{Z}|\p{Z}$/u.test(name)) return "begins or ends with a space";
  if (!visible.test(name)) return "has no character that can be seen";
  const length = [...name].length;
  return length > longest ? `has ${length} characters, ${longest} are allowed` : null;
}

/** Metrics of one run: each has a summary, and a line wherever runs are listed. */
export const mostMetrics = 10_000;

/** A name in its one form. */
export const sameName = (name: string) => name.normalize("NFC");

/** A metric that is asked for; there may be none of this name. Accents are typed in two ways that look alike. */
export const metricName = z.string().normalize("NFC");

/** A metric's name: any characters that can be printed, at most 250, in Unicode's normal form C. */
export const metricKey = metricName.superRefine((name, context) => {
  const rule = brokenRule(name);
  if (rule !== null) context.addIssue({ code: "custom", message: rule });
});

/**
 * Metrics that are asked for in an address: separated by commas (`keys=a,b`), or one to a parameter (`keys=a&keys=b`),
 * whose names may then hold commas. One text is also tried as it stands.
 */
export const metricNames = z.union([z.string(), z.array(z.string())]).transform((given) => {
  const names = Array.isArray(given) ? given : [given, ...given.split(",")];
  return [...new Set(names.map((name) => sameName(name.trim())))].filter((name) => name !== "");
});
