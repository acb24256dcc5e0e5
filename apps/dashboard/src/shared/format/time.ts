import { missing } from "./numbers.js";

/** "840 ms", "3.2 s", "3 min 12 s", "2 h 5 min", "4 d 3 h". */
export function duration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return missing;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A duration known only roughly: "about 3 min". */
export function roughly(ms: number | null): string {
  if (ms === null) return missing;
  if (ms < 5_000) return "a few seconds";
  if (ms < 55_000) return `about ${Math.round(ms / 5_000) * 5} s`;
  if (ms < 90_000) return "about a minute";
  if (ms < 3_600_000) return `about ${Math.round(ms / 60_000)} min`;
  return `about ${duration(Math.round(ms / 600_000) * 600_000)}`;
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];
const relativeFormat = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "3 minutes ago"; beyond a month the date itself. */
export function relative(instant: string, nowMs: number): string {
  const difference = Date.parse(instant) - nowMs;
  if (Math.abs(difference) > 30 * 86_400_000) return instant.slice(0, 10);
  if (Math.abs(difference) < 5_000) return "just now";
  const [unit, size] = steps.find(([, ms]) => Math.abs(difference) >= ms) ?? ["second", 1_000];
  return relativeFormat.format(Math.round(difference / size), unit);
}

/** Local date and time with seconds, for titles and tables. */
export function absolute(instant: string): string {
  return new Date(instant).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}
