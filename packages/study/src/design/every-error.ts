import { type FieldError, parseSweepSpec, type SweepSpec } from "@reprise/contracts";

type Place = { parent: Record<string, unknown>; key: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The nearest named value at or above a path, for an item of a list the list. */
function placeOf(document: Record<string, unknown>, path: string): { place: Place; path: string } | null {
  const keys = path.split(".");
  let found: { place: Place; path: string } | null = null;
  let value: unknown = document;
  for (const [depth, key] of keys.entries()) {
    if (isObject(value) && key in value) {
      found = { place: { parent: value, key }, path: keys.slice(0, depth + 1).join(".") };
      value = value[key];
    } else if (Array.isArray(value) && /^\d+$/.test(key)) value = value[Number(key)];
    else break;
  }
  return found;
}

/** What a document must have, to be looked at where it has not. */
const standIns: Readonly<Record<string, string>> = { name: "study", dataset: "none" };

const mostRounds = 20;

const isAbout = (path: string, removed: string) =>
  path === removed || path.startsWith(`${removed}.`) || removed.startsWith(`${path}.`);

/**
 * Everything that is wrong with a document, also where its form is wrong: what cannot be read is left out, and the rest is
 * checked as if it stood alone, so that a reader mends all mistakes at once. `check` says what stands against a spec of the
 * right form.
 */
export function everyError(document: unknown, check: (spec: SweepSpec) => FieldError[]): FieldError[] {
  const whole = parseSweepSpec(document);
  if (whole.ok) return check(whole.value);
  const errors = [...whole.errors];
  if (!isObject(document)) return errors;
  const rest: Record<string, unknown> = structuredClone(document);
  const removed: string[] = [];
  const isNew = ({ path }: FieldError) => !removed.some((place) => isAbout(path, place));
  let parsed: ReturnType<typeof parseSweepSpec> = whole;
  for (let round = 0; round < mostRounds && !parsed.ok; round++) {
    if (round > 0) errors.push(...parsed.errors.filter(isNew));
    for (const { path } of parsed.errors) {
      const [top = ""] = path.split(".");
      const found = placeOf(rest, path);
      const place = found?.path ?? top;
      removed.push(place);
      const standIn = standIns[place];
      if (standIn !== undefined) rest[place] = standIn;
      else if (found) delete found.place.parent[found.place.key];
      else return errors;
    }
    parsed = parseSweepSpec(rest);
  }
  return parsed.ok ? [...errors, ...check(parsed.value).filter(isNew)] : errors;
}
