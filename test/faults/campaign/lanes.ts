import { type Outcome, referenceOf, runSchedule } from "./campaign.js";
import { longSilenceMs } from "./faults.js";
import { type Lab, type LabKind, startLab } from "./lab.js";
import { type Schedule, scheduleOf } from "./schedule.js";
import type { Reference } from "./work/work.js";

/** So many schedules one lab serves; what it keeps of them grows. */
const schedulesPerLab = 25;

const inWords = ({ steps, work }: Schedule): string =>
  [
    steps
      .map(({ fault, lastMs }) => (lastMs === longSilenceMs ? `${fault.name} for 25 s` : fault.name))
      .join(", then "),
    ...(work.length > 0 ? [`beside ${work.join(", ")}`] : []),
  ].join(" — ");

const lineOf = ({ schedule, seconds, violations }: Outcome) =>
  [
    `${schedule.seed} (${schedule.lab}) ${seconds.toFixed(1)} s: ${inWords(schedule)}`,
    ...violations.map((violation) => `  VIOLATION: ${violation}`),
  ].join("\n");

const open = new Set<Lab>();

/** Ends the labs that are open, for whoever is interrupted. */
export async function stopLabs(): Promise<void> {
  await Promise.all([...open].map((lab) => lab.stop()));
}

async function closed(lab: Lab): Promise<void> {
  open.delete(lab);
  await lab.stop();
}

/** Lets schedules happen one after another, on labs of one kind; a lab in which one did not hold is not used again. */
async function lane(
  kind: LabKind,
  schedules: readonly Schedule[],
  until: number,
  tell: (line: string) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let lab: Lab | null = null;
  let reference: Reference | null = null;
  let served = 0;
  try {
    for (const schedule of schedules) {
      if (Date.now() > until) break;
      if (lab !== null && served === schedulesPerLab) {
        await closed(lab);
        lab = null;
      }
      if (lab === null || reference === null) {
        lab = await startLab(kind);
        open.add(lab);
        reference = await referenceOf(lab);
        served = 0;
      }
      const outcome = await runSchedule(lab, schedule, reference);
      served += 1;
      outcomes.push(outcome);
      tell(lineOf(outcome));
      if (outcome.violations.length > 0) {
        tell(lab.printed());
        await closed(lab);
        lab = null;
      }
    }
  } finally {
    if (lab !== null) await closed(lab);
  }
  return outcomes;
}

/**
 * Lets the schedules of `count` seeds happen, the first of which is `seed`: on every kind of lab one after another, on
 * different kinds at the same time.
 *
 * @param options.minutes none begins after so long
 */
export async function runCampaign(options: {
  seed: number;
  count: number;
  minutes?: number;
  kinds: readonly LabKind[];
  hasDisk: boolean;
  tell: (line: string) => void;
}): Promise<Outcome[]> {
  const { seed, count, minutes = Number.POSITIVE_INFINITY, kinds, hasDisk, tell } = options;
  const until = Date.now() + minutes * 60_000;
  const schedules = Array.from({ length: count }, (_, index) => scheduleOf(seed + index, kinds, hasDisk));
  const lanes = kinds.map((kind) =>
    lane(
      kind,
      schedules.filter(({ lab }) => lab === kind),
      until,
      tell,
    ),
  );
  return (await Promise.all(lanes)).flat();
}

/** The outcomes by fault, as a table in Markdown. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = new Map<string, Outcome[]>();
  for (const outcome of outcomes)
    for (const { fault } of outcome.schedule.steps)
      rows.set(fault.name, [...(rows.get(fault.name) ?? []), outcome]);
  const row = (name: string, those: readonly Outcome[]) => {
    const seconds = those.map((outcome) => outcome.seconds).sort((a, b) => a - b);
    const broken = those.filter(({ violations }) => violations.length > 0).length;
    const [median = 0, longest = 0] = [seconds[seconds.length >> 1], seconds.at(-1)];
    return `| ${name} | ${those.length} | ${broken} | ${median.toFixed(1)} | ${longest.toFixed(1)} |`;
  };
  const kinds = [...new Set(outcomes.map(({ schedule }) => schedule.lab))].sort();
  return [
    "| schedules with | number | with a violation | median, s | longest, s |",
    "|---|---|---|---|---|",
    ...[...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, those]) => row(name, those)),
    ...kinds.map((kind) =>
      row(
        `the queue in ${kind === "redis" ? "Redis" : "PostgreSQL"}`,
        outcomes.filter(({ schedule }) => schedule.lab === kind),
      ),
    ),
    row("any of these", outcomes),
  ].join("\n");
}
