import {
  activationBlock,
  type Block,
  batchNormBlock,
  convolutionBlock,
  denseBlock,
  dropoutBlock,
  type FilterInitial,
  globalAveragePoolBlock,
  heNormal,
  maxPoolBlock,
  modelOf,
  residual,
  sequence,
  torchDefault,
} from "./blocks.js";
import type { Model } from "./model.js";

/** Where downsampling starts: `imagenet` halves twice before the first block, `cifar` keeps small images whole. */
export type Stem = "cifar" | "imagenet";

export type ResidualStages = {
  /** Blocks of each stage. */
  blocks: readonly number[];
  /** Filters of each stage. */
  filters: readonly number[];
};

/** Stages of four-stage networks of basic blocks, by depth (He et al. 2016a, Table 1). */
const fourStages = new Map([
  [18, [2, 2, 2, 2]],
  [34, [3, 4, 6, 3]],
]);

const isFourStageDepth = (depth: number) => fourStages.has(depth);
/** CIFAR depths are 6n + 2: three stages of n blocks (He et al. 2016a, section 4.2). */
const isThreeStageDepth = (depth: number) => depth >= 8 && depth % 6 === 2;

const widen = (filters: readonly number[], factor: number) =>
  filters.map((count) => Math.max(1, Math.round(count * factor)));

export function stagesOf(depth: number, widthMultiplier: number): ResidualStages {
  const blocks = fourStages.get(depth);
  if (blocks) return { blocks, filters: widen([64, 128, 256, 512], widthMultiplier) };
  if (!isThreeStageDepth(depth)) throw new Error(`No residual network of depth ${depth}.`);
  const each = (depth - 2) / 6;
  return { blocks: [each, each, each], filters: widen([16, 32, 64], widthMultiplier) };
}

/** First layers; `normalised` as the original, else the bare convolution of the pre-activation form. */
export function stemBlock(
  stem: Stem,
  given: { channels: number; filters: number; initial: FilterInitial; normalised: boolean },
): Block {
  const { channels: inputs, filters: outputs, initial, normalised } = given;
  const large = stem === "imagenet";
  const geometry = large ? { size: 7, stride: 2 } : { size: 3 };
  return sequence(
    convolutionBlock("stem/conv", { inputs, outputs, initial, ...geometry }),
    ...(normalised ? [batchNormBlock("stem/norm", outputs, "relu")] : []),
    ...(large ? [maxPoolBlock(3, 2, 1)] : []),
  );
}

/** The blocks of all stages; the first of every stage but the first halves height and width. */
export function residualBlocks(
  { blocks, filters }: ResidualStages,
  block: (name: string, shape: { inputs: number; outputs: number; stride: number }) => Block,
): Block[] {
  return blocks.flatMap((count, stage) => {
    const outputs = filters[stage] ?? 0;
    return Array.from({ length: count }, (_, index) =>
      block(`stage${stage + 1}/block${index + 1}`, {
        inputs: index > 0 || stage === 0 ? (filters[index > 0 ? stage : 0] ?? 0) : (filters[stage - 1] ?? 0),
        outputs,
        stride: stage > 0 && index === 0 ? 2 : 1,
      }),
    );
  });
}

export type ResnetOptions = {
  inputShape: readonly number[];
  classes: number;
  depth: number;
  stem: Stem;
  widthMultiplier: number;
};

/**
 * Residual network of basic blocks (K. He et al., "Deep residual learning for image recognition", CVPR 2016). Depths 6n + 2
 * are those of section 4.2 (three stages of 16, 32, 64 filters, shortcuts without parameters: option A); 18 and 34 those of
 * Table 1 (projections where the shape changes: option B). Initial filters: He et al. (2015), by fan-in as in the papers for
 * the former, by fan-out as in torchvision for the latter.
 */
export function resnet({ inputShape, classes, depth, stem, widthMultiplier }: ResnetOptions): Model {
  const four = isFourStageDepth(depth);
  const stages = stagesOf(depth, widthMultiplier);
  const initial: FilterInitial = ({ fanIn, fanOut }) => heNormal(four ? fanOut : fanIn);
  const [first = 0] = stages.filters;
  const last = stages.filters.at(-1) ?? 0;

  function shortcut(
    name: string,
    { inputs, outputs, stride }: { inputs: number; outputs: number; stride: number },
  ): Block | null {
    if (inputs === outputs && stride === 1) return null;
    if (!four) return { tensors: [], forward: (x, pass) => pass.subsample(x, { stride, channels: outputs }) };
    return sequence(
      convolutionBlock(`${name}/shortcut/conv`, { inputs, outputs, size: 1, stride, initial }),
      batchNormBlock(`${name}/shortcut/norm`, outputs),
    );
  }

  return modelOf(
    stemBlock(stem, { channels: inputShape[2] ?? 0, filters: first, initial, normalised: true }),
    ...residualBlocks(stages, (name, shape) =>
      sequence(
        residual(
          sequence(
            convolutionBlock(`${name}/conv1`, { ...shape, size: 3, initial }),
            batchNormBlock(`${name}/norm1`, shape.outputs, "relu"),
            convolutionBlock(`${name}/conv2`, {
              inputs: shape.outputs,
              outputs: shape.outputs,
              size: 3,
              initial,
            }),
            batchNormBlock(`${name}/norm2`, shape.outputs),
          ),
          shortcut(name, shape),
        ),
        activationBlock("relu"),
      ),
    ),
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
