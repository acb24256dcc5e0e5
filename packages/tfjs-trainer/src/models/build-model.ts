import { userError } from "../errors.js";
import type { EffectiveHyperparameters } from "../hyperparameters/table.js";
import { cnn } from "./cnn.js";
import { mlp } from "./mlp.js";
import type { Model } from "./model.js";

/** The model that a configuration names, for a data set's input shape. Throws a user error where they do not fit. */
export function buildModel(
  given: EffectiveHyperparameters,
  inputShape: readonly number[],
  classes: number,
): Model {
  const { batchNorm, hiddenUnits, filters } = given;
  if (given.model === "mlp") {
    return mlp({ inputs: inputShape.reduce((a, b) => a * b, 1), hiddenUnits, classes, batchNorm });
  }
  if (given.model !== "cnn") {
    throw userError(`Model "${given.model}" classifies nothing by itself.`, "Use it with task contrastive.");
  }
  if (inputShape.length !== 3 || inputShape.slice(0, 2).some((side) => side < 4)) {
    throw userError(
      `Model "cnn" needs images of at least 4 × 4 pixels; this dataset's inputs are [${inputShape.join(", ")}].`,
      "Use model mlp, or an image dataset such as digits.",
    );
  }
  return cnn({ inputShape, filters, classes, batchNorm });
}
