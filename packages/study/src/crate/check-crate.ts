import { type CrateRun, type CrateStudy, crateFiles, type Environment, sweepSpec } from "@reprise/contracts";
import { z } from "zod";
import { configurationKey, digestOf, runKey } from "../design/digests.js";

/** What contradicts itself in an archive: the file, and what is wrong with it. */
export type Contradiction = { file: string; detail: string };

/** The plan as it was written: a default that this version adds must not change its digest. */
const writtenPlan = z.looseObject({ analysisPlan: z.unknown().optional() });

/**
 * Checks what a digest in an archive claims of its other parts: the spec's digest, the digest of the analysis plan,
 * and the digests that name environments. Null when all agree.
 */
export function checkStudy(
  study: CrateStudy,
  spec: unknown,
  environments: readonly Environment[],
): Contradiction | null {
  const parsed = sweepSpec.safeParse(spec);
  const written = writtenPlan.safeParse(spec);
  if (!parsed.success || !written.success) {
    const [issue] = parsed.error?.issues ?? [];
    return { file: crateFiles.spec, detail: `is not a sweep spec: ${issue?.message ?? "not an object"}` };
  }
  if (digestOf(spec) !== study.sweep.specDigest) {
    return { file: crateFiles.spec, detail: `is not the spec whose digest ${crateFiles.study} records` };
  }
  const { analysisPlan } = written.data;
  if ((analysisPlan === undefined ? null : digestOf(analysisPlan)) !== study.sweep.analysisPlanDigest) {
    return { file: crateFiles.spec, detail: "holds another analysis plan than the one that was hashed" };
  }
  const forged = environments.find(({ id, values }) => digestOf(values) !== id);
  if (forged) {
    const detail = `has other values for environment ${forged.id.slice(0, 12)} than its digest says`;
    return { file: crateFiles.environments, detail };
  }
  return new Set(study.runIds).size === study.runIds.length
    ? null
    : { file: crateFiles.study, detail: "names a run twice" };
}

/** Why a run cannot be part of the study, or not the run that its key says; null when it can. */
export function checkRun(
  { run, predictions }: CrateRun,
  expected: { runId: string; sweepId: string; environments: ReadonlySet<string> },
): string | null {
  if (run.id !== expected.runId) return `is run ${run.id}`;
  if (run.sweepId !== expected.sweepId) return "belongs to another study";
  if (run.environmentId !== null && !expected.environments.has(run.environmentId)) {
    return `names an environment that is not in ${crateFiles.environments}`;
  }
  if (configurationKey(run.params) !== run.configurationKey) {
    return "has another configuration than its key says";
  }
  if (run.purpose === "study" && runKey(run) !== run.key) {
    return "has another configuration, seed, arm or repeat than its key says";
  }
  const ragged = predictions.find(
    ({ ids, labels, scores, classes }) =>
      ids.length !== labels.length ||
      ids.length !== scores.length ||
      scores.some((row) => row.length !== classes.length),
  );
  return ragged ? `has ${ragged.split} predictions whose lists do not fit together` : null;
}
