import type { TensorInfo } from "@tensorflow/tfjs-core";
import { linear } from "../../arithmetic/ops/linear.js";
import type { Tape, Value } from "../../arithmetic/tape.js";
import type { Weights } from "../../loop/weights.js";
import { attention } from "./ops/attention.js";
import { checkpointed, type Piece } from "./ops/checkpointed.js";
import { dense } from "./ops/dense.js";
import { embedPatches, embedTokens, pickRows } from "./ops/embeddings.js";
import { layerNorm } from "./ops/layer-norm.js";
import { quickGelu } from "./ops/quick-gelu.js";
import { add, unitRows } from "./ops/rows.js";
import { type ClipShape, imageTokens } from "./shape.js";

/** Where encoders find their tensors; a value is the same object whenever it is asked for within one computation. */
export type EncoderParameters = {
  value(name: string): Value;
  /** The matrix [outputs, inputs] as [inputs, outputs]. */
  transposed(name: string): TensorInfo;
};

/** Parameters whose gradients are wanted, gathered in `used`. */
export function trackedParameters(tape: Tape, weights: Weights, used: Map<string, Value>): EncoderParameters {
  return {
    transposed: weights.transposed,
    value(name) {
      const known = used.get(name) ?? tape.parameter(weights.tensor(name));
      used.set(name, known);
      return known;
    },
  };
}

/** Parameters without gradients, for evaluation. */
export const constantParameters = (tape: Tape, weights: Weights): EncoderParameters => ({
  transposed: weights.transposed,
  value: (name) => tape.constant(weights.tensor(name)),
});

type Block = {
  prefix: string;
  tokens: number;
  heads: number;
  causal: boolean;
};

/** Residual attention block with layer norm first: attention, then two linear layers with QuickGELU between. */
function residualBlock({ prefix, ...shape }: Block, transposed: EncoderParameters["transposed"]): Piece {
  return (tape, x, parameter) => {
    const layer = (input: Value, weight: string, bias: string) =>
      dense(tape, input, {
        weight: parameter(`${prefix}${weight}`),
        transposed: transposed(`${prefix}${weight}`),
        bias: parameter(`${prefix}${bias}`),
      });
    const norm = (input: Value, name: string) =>
      layerNorm(tape, input, {
        scale: parameter(`${prefix}${name}.weight`),
        shift: parameter(`${prefix}${name}.bias`),
      });
    const qkv = layer(norm(x, "ln_1"), "attn.in_proj_weight", "attn.in_proj_bias");
    const attended = attention(tape, qkv, shape);
    const middle = add(tape, x, layer(attended, "attn.out_proj.weight", "attn.out_proj.bias"));
    const hidden = quickGelu(tape, layer(norm(middle, "ln_2"), "mlp.c_fc.weight", "mlp.c_fc.bias"));
    return add(tape, middle, layer(hidden, "mlp.c_proj.weight", "mlp.c_proj.bias"));
  };
}

export type EncoderOptions = {
  parameters: EncoderParameters;
  /** Throw away what a block computed between its input and output, and compute it again for the gradient. */
  gradCheckpointing: boolean;
};

function transformer(
  tape: Tape,
  x: Value,
  given: EncoderOptions & Omit<Block, "prefix"> & { prefix: string; layers: number },
): Value {
  const { parameters, gradCheckpointing, layers, prefix, tokens, heads, causal } = given;
  let hidden = x;
  for (let layer = 0; layer < layers; layer++) {
    const name = `${prefix}transformer.resblocks.${layer}.`;
    const piece = residualBlock({ prefix: name, tokens, heads, causal }, parameters.transposed);
    hidden = gradCheckpointing
      ? checkpointed(tape, hidden, { piece, parameter: parameters.value })
      : piece(tape, hidden, parameters.value);
  }
  return hidden;
}

/**
 * Images to unit vectors. `patches` holds the patches of all images, row by row from the top left, each laid out as
 * [channels, height, width]. Shapes: patches [images · patches, patchLength], result [images, embedDim].
 */
export function encodeImages(
  tape: Tape,
  patches: TensorInfo,
  shape: ClipShape,
  options: EncoderOptions,
): Value {
  const { parameters } = options;
  const { value, transposed } = parameters;
  const tokens = imageTokens(shape);
  const images = (patches.shape[0] ?? 0) / (tokens - 1);
  const norm = (x: Value, layer: string) =>
    layerNorm(tape, x, {
      scale: value(`visual.${layer}.weight`),
      shift: value(`visual.${layer}.bias`),
    });
  // A convolution whose stride is its size is a linear map of patches.
  const embedded = dense(tape, tape.constant(patches), {
    weight: value("visual.conv1.weight"),
    transposed: null,
    bias: null,
  });
  const start = embedPatches(tape, embedded, {
    classVector: value("visual.class_embedding"),
    positions: value("visual.positional_embedding"),
  });
  const hidden = transformer(tape, norm(start, "ln_pre"), {
    ...options,
    prefix: "visual.",
    tokens,
    layers: shape.visionLayers,
    heads: shape.visionHeads,
    causal: false,
  });
  const classRows = Int32Array.from({ length: images }, (_, image) => image * tokens);
  const pooled = norm(pickRows(tape, hidden, classRows), "ln_post");
  return unitRows(
    tape,
    linear(tape, pooled, { weight: value("visual.proj"), transposed: transposed("visual.proj") }),
  );
}

/**
 * Texts to unit vectors, read at their end token. `ids` holds the table rows of all texts, `contextLength` each; `ends` the
 * position of the end token within each. Result [texts, embedDim].
 */
export function encodeTexts(
  tape: Tape,
  { ids, ends }: { ids: Int32Array; ends: Int32Array },
  shape: ClipShape,
  options: EncoderOptions,
): Value {
  const { parameters } = options;
  const { value, transposed } = parameters;
  const tokens = shape.contextLength;
  const start = embedTokens(tape, ids, {
    table: value("token_embedding.weight"),
    positions: value("positional_embedding"),
  });
  const hidden = transformer(tape, start, {
    ...options,
    prefix: "",
    tokens,
    layers: shape.textLayers,
    heads: shape.textHeads,
    causal: true,
  });
  // Layer norm works row by row: normalising only the rows that are read changes nothing.
  const read = pickRows(
    tape,
    hidden,
    ends.map((end, text) => text * tokens + end),
  );
  const pooled = layerNorm(tape, read, { scale: value("ln_final.weight"), shift: value("ln_final.bias") });
  return unitRows(
    tape,
    linear(tape, pooled, { weight: value("text_projection"), transposed: transposed("text_projection") }),
  );
}
