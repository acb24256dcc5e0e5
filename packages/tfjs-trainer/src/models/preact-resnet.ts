import {
  type Block,
  batchNormBlock,
  convolutionBlock,
  denseBlock,
  dropoutBlock,
  type FilterInitial,
  globalAveragePoolBlock,
  modelOf,
  sequence,
  torchDefault,
} from "./blocks.js";
import type { Model } from "./model.js";
import { type ResnetOptions, residualBlocks, stagesOf, stemBlock } from "./resnet.js";

const initial: FilterInitial = ({ fanIn }) => torchDefault(fanIn);

/**
 * Batch norm and ReLU, then main path and projection from the same activation, as in He et al. (2016b), Figure 5; where
 * the shape stays, the shortcut carries the input itself.
 */
function preactivationBlock(
  name: string,
  { inputs, outputs, stride }: { inputs: number; outputs: number; stride: number },
): Block {
  const before = batchNormBlock(`${name}/norm1`, inputs, "relu");
  const main = sequence(
    convolutionBlock(`${name}/conv1`, { inputs, outputs, size: 3, stride, initial }),
    batchNormBlock(`${name}/norm2`, outputs, "relu"),
    convolutionBlock(`${name}/conv2`, { inputs: outputs, outputs, size: 3, initial }),
  );
  const projection =
    inputs === outputs && stride === 1
      ? null
      : convolutionBlock(`${name}/shortcut`, { inputs, outputs, size: 1, stride, initial });
  return {
    tensors: [...before.tensors, ...main.tensors, ...(projection?.tensors ?? [])],
    forward(x, pass) {
      const activated = before.forward(x, pass);
      return pass.add(main.forward(activated, pass), projection ? projection.forward(activated, pass) : x);
    },
  };
}

/**
 * Pre-activation residual network of depth 18 or 34 (K. He et al., "Identity mappings in deep residual networks", ECCV 2016)
 * in the form in which it is public for CIFAR-10: bare projections, no normalisation before the pooling, PyTorch's default
 * initial values.
 */
export function preactResnet({ inputShape, classes, depth, stem, widthMultiplier }: ResnetOptions): Model {
  const stages = stagesOf(depth, widthMultiplier);
  const last = stages.filters.at(-1) ?? 0;
  return modelOf(
    stemBlock(stem, {
      channels: inputShape[2] ?? 0,
      filters: stages.filters[0] ?? 0,
      initial,
      normalised: false,
    }),
    ...residualBlocks(stages, preactivationBlock),
    globalAveragePoolBlock,
    dropoutBlock,
    denseBlock("logits", {
      inputs: last,
      outputs: classes,
      initial: torchDefault(last),
      biasInitial: torchDefault(last),
    }),
  );
}
