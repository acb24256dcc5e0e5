/** A moment in milliseconds since 1970 as ISO text; null for what no calendar has. */
export function isoOf(milliseconds: number | bigint | null | undefined): string | null {
  if (milliseconds === null || milliseconds === undefined) return null;
  const value = Number(milliseconds);
  return Number.isFinite(value) && value > 0 && value < 8.64e15 ? new Date(value).toISOString() : null;
}

/**
 * Milliseconds since 1970 of a text like 2026-11-29T03:55:32.692281; one without a zone is UTC, as the programs that write it
 * say. Null for no such text.
 */
export function millisecondsOf(text: unknown): number | null {
  if (typeof text !== "string") return null;
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
  if (match === null) return null;
  const [, date, time = "", zone = "Z"] = match;
  const [seconds = "", fraction = ""] = time.split(".");
  const value = Date.parse(
    `${date}T${seconds}${zone === "Z" || zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`}`,
  );
  return Number.isNaN(value) ? null : value + (fraction === "" ? 0 : Number(`0.${fraction}`) * 1000);
}
