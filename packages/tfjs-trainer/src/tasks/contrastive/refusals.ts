import type { EffectiveHyperparameters } from "../../hyperparameters/table.js";
import { userError } from "../../program/errors.js";

/** Settings that this trainer knows but cannot give a meaning, each with its reason. */
export function refuseWhatHasNoMeaning(hyper: EffectiveHyperparameters): void {
  const { model, precision, batchNormSync, ddpStaticGraph } = hyper;
  const refuse = (name: string, value: unknown, reason: string, way: string) => {
    throw userError(`Hyperparameter "${name}" (value ${JSON.stringify(value)}) ${reason}.`, way);
  };
  if (!model.startsWith("clip"))
    refuse("model", model, "has no text encoder", "Set model to clip for task contrastive.");
  if (precision !== "fp32") {
    refuse(
      "precision",
      precision,
      "cannot be met: this backend computes in 32-bit floating point only",
      "Set precision to fp32, or run the configuration through OpenCLIP on GPUs.",
    );
  }
  if (batchNormSync) {
    refuse(
      "batchNormSync",
      true,
      "would do nothing: a vision transformer has no batch normalisation to synchronise",
      "Set it to false, or leave it out.",
    );
  }
  if (ddpStaticGraph) {
    refuse(
      "ddpStaticGraph",
      true,
      "would do nothing: it tells PyTorch's DistributedDataParallel that its graph stays the same, and there is none here",
      "Set it to false, or leave it out.",
    );
  }
}
