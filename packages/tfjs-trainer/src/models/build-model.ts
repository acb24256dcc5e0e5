import type { EffectiveHyperparameters } from "../hyperparameters/table.js";
import { userError } from "../program/errors.js";
import { cnn } from "./cnn.js";
import { mlp } from "./mlp.js";
import { mobilenet } from "./mobilenet.js";
import type { Model } from "./model.js";
import { preactResnet } from "./preact-resnet.js";
import { isFourStageDepth, isThreeStageDepth, resnet } from "./resnet.js";

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
    throw userError(`Model "${model}" classifies nothing by itself.`, "Use it with task contrastive.");
  }
  if (inputShape.length !== 3 || inputShape.slice(0, 2).some((side) => side < 4)) {
    throw userError(
      `Model "${model}" needs images of at least 4 × 4 pixels; this dataset's inputs are [${inputShape.join(", ")}].`,
      "Use model mlp, or an image dataset such as digits.",
    );
  }
  if (model === "cnn")
    return cnn({ inputShape, filters, classes, batchNorm, downsampling: given.downsampling });
  if (!batchNorm) {
    throw userError(
      `Hyperparameter "batchNorm" (value false) does not fit model ${model}, which is defined with batch norm.`,
      "Leave it out, or use model mlp or cnn.",
    );
  }
  if (model === "mobilenet") return mobilenet({ inputShape, classes, variant, stem, widthMultiplier });
  checkDepth(given);
  const options = { inputShape, classes, depth, stem, widthMultiplier };
  return model === "resnet" ? resnet(options) : preactResnet(options);
}

function checkDepth({ model, depth, stem }: EffectiveHyperparameters): void {
  if (isFourStageDepth(depth)) return;
  if (model === "preact-resnet" || !isThreeStageDepth(depth)) {
    throw userError(
      `Hyperparameter "depth" (value ${depth}) does not fit model ${model}.`,
      model === "resnet"
        ? "Set depth to 18 or 34, or to 6n + 2 for the CIFAR form: 8, 14, 20, 26, 32, 44, 56, 110."
        : "Set depth to 18 or 34.",
    );
  }
  if (stem === "imagenet") {
    throw userError(
      `Hyperparameter "stem" (value imagenet) does not fit depth ${depth}: depths 6n + 2 are defined for small images.`,
      "Leave stem out, or set depth to 18 or 34.",
    );
  }
}
