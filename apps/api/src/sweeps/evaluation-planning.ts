import { armsOf, canonicalJson, type FieldError, type SweepSpec, showValue } from "@reprise/contracts";
import { type Database, evaluationSource } from "@reprise/database";
import { configurationsOf } from "@reprise/study";

/**
 * What stands against a sweep of evaluations: configurations without a run to evaluate, runs that left no weights or were
 * trained on other data, and arms that leave an order free where nothing is summed.
 */
export async function evaluationErrors(db: Database, spec: SweepSpec): Promise<FieldError[]> {
  if (spec.task !== "evaluation") return [];
  const errors: FieldError[] = [];
  for (const { name, execution } of armsOf(spec)) {
    if (execution.order === "fixed" && execution.algorithms === "deterministic") continue;
    errors.push({
      path: spec.arms ? "arms" : "modes",
      message: "an evaluation sums no gradients, so no order can be left free or permuted",
      value: showValue(name),
      suggestion: "Use a deterministic arm with order fixed.",
    });
  }
  const path = spec.search.method === "list" ? "search.configurations" : "search.parameters.sourceRun";
  for (const { params } of configurationsOf(spec)) {
    const { sourceRun } = params;
    const found = typeof sourceRun === "string" ? await evaluationSource(db, sourceRun) : null;
    const value = showValue(sourceRun ?? null);
    if (!found) {
      errors.push({ path, message: "name the run to evaluate by its id", value });
    } else if (!found.ok) {
      errors.push({ path, message: found.reason, value });
    } else if (found.trainer !== spec.trainer) {
      errors.push({ path, message: `this run is of trainer ${found.trainer}`, value });
    } else if (canonicalJson(found.evaluate.dataset) !== canonicalJson(spec.dataset)) {
      errors.push({
        path: "dataset",
        message: `run ${sourceRun} was trained on another data set or split: cases it was trained on could be tested`,
        value: canonicalJson(spec.dataset),
        suggestion: `Use ${canonicalJson(found.evaluate.dataset)}.`,
      });
    }
  }
  return errors;
}
