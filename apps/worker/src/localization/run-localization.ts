import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Localization } from "@reprise/contracts";
import {
  type Database,
  endLocalization,
  type LocalizationClaim,
  type LocatedSide,
  releaseLocalization,
  renewLocalization,
} from "@reprise/database";
import { errorType, type Span, within } from "@reprise/tracing";
import { type LocateOutcome, locateRuns, type SideToLocate, trainerEnvironment } from "@reprise/trainers";
import { tracedRequest } from "../attempt/prepare-request.js";
import { isShutDown, stopReasonOf } from "../attempt/stop-reason.js";
import type { WorkerConfig } from "../config.js";
import type { Logger } from "../logger.js";
import { deviceVariables } from "../machine/devices.js";
import type { Slot } from "../machine/slots.js";
import type { RegisteredTrainer } from "../machine/trainers.js";
import { pause } from "../pause.js";
import { tracedFrom } from "./traced-from.js";

/**
 * Traces two runs side by side and writes what was found. Ends without an answer where nobody wants it any more; aborting
 * `stop` with "shutdown" gives it back for another worker.
 */
export async function runLocalization(options: {
  db: Database;
  config: WorkerConfig;
  claim: LocalizationClaim;
  wanted: Localization;
  sides: [LocatedSide, LocatedSide];
  trainer: RegisteredTrainer;
  slot: Slot;
  stop: AbortController;
  /** Aborted as soon as the worker is to end. */
  stopping: AbortSignal;
  span: Span;
  log: Logger;
}): Promise<void> {
  const { db, config, claim, wanted, sides, trainer, slot, stop, span, log } = options;
  const temporary = join(config.dataDirectory, "localizations", claim.id);
  const { from, files } = await tracedFrom(wanted, sides);
  const sideOf = (side: LocatedSide, checkpoint: string | null): SideToLocate => {
    const request = tracedRequest(side, trainer.capabilities);
    const environment = trainerEnvironment({
      base: process.env,
      own: trainer.command.env,
      slot: deviceVariables(slot.device),
      run: request,
    });
    return { request, environment, checkpoint };
  };
  let progress: Localization["progress"] = null;
  const renew = () => renewLocalization(db, claim, { leaseMs: config.leaseMs, from, progress });
  const ended = new AbortController();
  const lease = keepTelling(renew, Math.min(config.heartbeatMs, 1_000), ended.signal, (error) => {
    if (error === null) stop.abort("lease-lost");
    else log.warn({ err: error }, "the progress of a localization could not be written");
  });
  const giveBack = async () => {
    span.set({ "reprise.localization.outcome": "shutdown" });
    await Promise.race([releaseLocalization(db, claim), pause(3_000)]);
    log.info("localization given back");
  };
  try {
    await mkdir(temporary, { recursive: true });
    log.info({ from: from.step, why: from.why }, "localization begins");
    const outcome = await within(span, `trainers ${trainer.capabilities.name}`, () =>
      locateRuns({
        trainer: trainer.command,
        sides: [sideOf(sides[0], files?.[0] ?? null), sideOf(sides[1], files?.[1] ?? null)],
        ...{
          before: from.step,
          tries: wanted.tries,
          temporary,
          niceness: config.niceness,
          signal: stop.signal,
        },
        onProgress: (now) => {
          progress = now;
        },
      }),
    );
    if (
      outcome.status === "failed" &&
      outcome.asIfStopped &&
      (await isShutDown(stop.signal, options.stopping))
    )
      return await giveBack();
    await within(span, "write end", () => write(db, claim, outcome, renew));
    span.set({ "reprise.localization.outcome": outcome.status });
    log.info({ outcome: outcome.status }, "localization ended");
  } catch (error) {
    const reason = stopReasonOf(stop.signal);
    if (reason === "shutdown") await giveBack();
    else if (reason !== null) span.set({ "reprise.localization.outcome": reason });
    else {
      span.fail(errorType(error));
      log.error({ err: error }, "localization failed");
      const explanation = `The worker failed: ${error instanceof Error ? error.message : String(error)}`;
      await endLocalization(db, claim, { status: "failed", explanation });
    }
  } finally {
    ended.abort();
    await lease;
    await rm(temporary, { recursive: true, force: true });
  }
}

/** From where the two began is written before what came of it. */
async function write(
  db: Database,
  claim: LocalizationClaim,
  outcome: LocateOutcome,
  renew: () => Promise<boolean>,
): Promise<void> {
  if (await renew()) await endLocalization(db, claim, outcome);
}

/** Calls `tell` now and then; `onTrouble` hears of an error, and null once the answer is not wanted any more. */
async function keepTelling(
  tell: () => Promise<boolean>,
  everyMs: number,
  signal: AbortSignal,
  onTrouble: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (!(await tell())) return onTrouble(null);
    } catch (error) {
      onTrouble(error);
    }
    await pause(everyMs, signal);
  }
}
