import { z } from "zod";
import { id, instant } from "../basics/primitives.js";
import { rungKind } from "../protocol/events.js";
import { locatedDivergence, tracedFrom } from "./located-divergence.js";

/** How often two trainings that do not part are traced. */
export const localizationTries = z.int().min(1).max(20);

/** Body of a request to locate; it may be left out. */
export const localizationRequest = z
  .strictObject({
    /** Another run of the same configuration. Without one, the run is traced twice as it was executed. */
    other: id.optional(),
    /** So often where the two do not part (default: once where both are deterministic, else three times). */
    tries: localizationTries.optional(),
  })
  .prefault({});
export type LocalizationRequest = z.infer<typeof localizationRequest>;

/** How far a localization is. */
export const localizationProgress = z.strictObject({
  /** Steps that were compared and found equal in this try. */
  steps: z.int().min(0),
  attempt: z.int().min(1),
});

/** What was found: as it is kept with the runs, without their ids. */
export const localizationResult = locatedDivergence.omit({ runIds: true, from: true });

export const localizationStatuses = ["queued", "running", "ended", "failed", "cancelled"] as const;

/** Two runs, or one twice, trained again in lockstep by a worker, every operation traced, to find the one in which they part. */
export const localization = z
  .strictObject({
    id,
    runId: id,
    otherRunId: id.nullable(),
    /** `failed`: `explanation` says why nothing could be located. */
    status: z.enum(localizationStatuses),
    tries: z.int(),
    /** The first rung that both ladders have and that differs, as recorded; null where none does, or there is one run. */
    recorded: z.strictObject({ kind: rungKind, position: z.int() }).nullable(),
    workerName: z.string().nullable(),
    /** Null until a worker has begun. */
    from: tracedFrom.nullable(),
    progress: localizationProgress.nullable(),
    /** Null until `ended`. */
    result: localizationResult.nullable(),
    explanation: z.string().nullable(),
    /** What else has to be known to read the result. */
    remarks: z.array(z.string()),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
  })
  .meta({ id: "Localization" });
export type Localization = z.infer<typeof localization>;

export const localizationsQuery = z.strictObject({ other: id.optional() });

/** Localizations of a run, newest first, and whether one could be queued now. */
export const localizationList = z.strictObject({
  items: z.array(localization),
  /** Why none can be queued for the run, or for it and `other`; null where one can. */
  refusal: z.string().nullable(),
  /** What to type instead where Reprise does not start the program itself; null where a worker does it. */
  command: z.string().nullable(),
});
export type LocalizationList = z.infer<typeof localizationList>;
