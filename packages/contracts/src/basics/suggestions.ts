import { closest, distance } from "fastest-levenshtein";

/** The known name nearest to a mistyped one, or null when none is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const sameLetters = known.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (sameLetters) return sameLetters;
  const best = closest(name, known);
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.floor(best.length / 2))
    ? best
    : null;
}

/** " Did you mean "x"?" or the list of what is known, for the end of an error message. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  if (near) return `Did you mean "${near}"?`;
  const shown = known.slice(0, 12).join(", ");
  return known.length === 0 ? "None is known." : `Known: ${shown}${known.length > 12 ? ", …" : ""}.`;
}
