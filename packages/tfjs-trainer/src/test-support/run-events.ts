import { decodeNumber, type TrainerEvent } from "@reprise/contracts";
import type { FinishedRun } from "./run-bundled.js";

/** Events of one type. */
export function eventsOf<T extends TrainerEvent["type"]>(
  { events }: Pick<FinishedRun, "events">,
  type: T,
): Extract<TrainerEvent, { type: T }>[] {
  return events.filter((event): event is Extract<TrainerEvent, { type: T }> => event.type === type);
}

/** The run digest, or null where the run did not finish. */
export const digestOf = (run: FinishedRun) => eventsOf(run, "done")[0]?.digest ?? null;

/** A metric's series by epoch. */
export function seriesOf(run: FinishedRun, key: string): Map<number, number> {
  const stretches = eventsOf(run, "metric").filter((event) => event.key === key);
  return new Map(
    stretches.flatMap(({ steps, values }) =>
      steps.map((step, i): [number, number] => [step, decodeNumber(values[i] ?? "NaN")]),
    ),
  );
}

/** A rung of the ladder by position. */
export function rungOf(run: FinishedRun, kind: string): Map<number, string> {
  const stretches = eventsOf(run, "digest").filter((event) => event.kind === kind);
  return new Map(
    stretches.flatMap(({ positions, digests }) =>
      positions.map((position, i): [number, string] => [position, digests[i] ?? ""]),
    ),
  );
}

/** The recorded summation orders, for a replay. */
export const ordersOf = (run: FinishedRun) =>
  eventsOf(run, "reduction-order").flatMap((event) => event.orders);
