import type { EffectiveHyperparameters } from "../hyperparameters/table.js";
import { userError } from "../program/errors.js";
import { cnn } from "./cnn.js";
import { mlp } from "./mlp.js";
import { mobilenet } from "./mobilenet.js";
import type { Model } from "./model.js";
import { preactResnet } from "./preact-resnet.js";
import { resnet } from "./resnet.js";

/** The model that a configuration names, for a data set's input shape. Throws a user error where they do not fit. */
export function buildModel(
  given: EffectiveHyperparameters,
  inputShape: readonly number[],
  classes: number,
): Model {
  const { model, batchNorm, hiddenUnits, filters, depth, stem, widthMultiplier, variant } = given;
  if (model === "mlp") {
    return mlp({ inputs: inputShape.reduce((a, b) => a * b, 1), hiddenUnits, classes, batchNorm });
  }
  if (model === "clip" || model === "clip-vit-b-32") {
    throw new Error(`Model ${model} classifies nothing by itself.`);
  }
  if (inputShape.length !== 3 || inputShape.slice(0, 2).some((side) => side < 4)) {
    throw userError(
      `Model "${model}" needs images of at least 4 × 4 pixels; this dataset's inputs are [${inputShape.join(", ")}].`,
      "Use model mlp, or an image dataset such as digits.",
    );
  }
  if (model === "cnn")
    return cnn({ inputShape, filters, classes, batchNorm, downsampling: given.downsampling });
  if (model === "mobilenet") return mobilenet({ inputShape, classes, variant, stem, widthMultiplier });
  const options = { inputShape, classes, depth, stem, widthMultiplier };
  return model === "resnet" ? resnet(options) : preactResnet(options);
}
