import { draws, type StreamKey } from "../../arithmetic/streams.js";
import type { Layout } from "../../loop/layout.js";
import type { TensorRole, TensorSpec } from "../../models/model.js";
import { type ClipShape, imageTokens, patchLength } from "./shape.js";

/** Starting value of the learnable temperature: ln(1 / 0.07). */
const initialLogitScale = Math.log(1 / 0.07);

type Named = [name: string, shape: number[], role: TensorRole];

function transformerTensors(prefix: string, width: number, layers: number): Named[] {
  return Array.from({ length: layers }, (_, layer) => `${prefix}transformer.resblocks.${layer}.`).flatMap(
    (block): Named[] => [
      [`${block}attn.in_proj_weight`, [3 * width, width], "weight"],
      [`${block}attn.in_proj_bias`, [3 * width], "bias"],
      [`${block}attn.out_proj.weight`, [width, width], "weight"],
      [`${block}attn.out_proj.bias`, [width], "bias"],
      [`${block}ln_1.weight`, [width], "scale"],
      [`${block}ln_1.bias`, [width], "shift"],
      [`${block}mlp.c_fc.weight`, [4 * width, width], "weight"],
      [`${block}mlp.c_fc.bias`, [4 * width], "bias"],
      [`${block}mlp.c_proj.weight`, [width, 4 * width], "weight"],
      [`${block}mlp.c_proj.bias`, [width], "bias"],
      [`${block}ln_2.weight`, [width], "scale"],
      [`${block}ln_2.bias`, [width], "shift"],
    ],
  );
}

/**
 * All tensors with the names, shapes and orientation of the published weights. Weight decay touches those of role
 * `weight`: matrices and tables, not biases, layer norms, the class vector and the temperature, as OpenCLIP does.
 */
export function clipTensors(shape: ClipShape): TensorSpec[] {
  const { visionWidth, textWidth, embedDim, channels, patchSize } = shape;
  const named: Named[] = [
    ["positional_embedding", [shape.contextLength, textWidth], "weight"],
    ["text_projection", [textWidth, embedDim], "weight"],
    ["logit_scale", [], "bias"],
    ["visual.class_embedding", [visionWidth], "bias"],
    ["visual.positional_embedding", [imageTokens(shape), visionWidth], "weight"],
    ["visual.proj", [visionWidth, embedDim], "weight"],
    ["visual.conv1.weight", [visionWidth, channels, patchSize, patchSize], "weight"],
    ["visual.ln_pre.weight", [visionWidth], "scale"],
    ["visual.ln_pre.bias", [visionWidth], "shift"],
    ...transformerTensors("visual.", visionWidth, shape.visionLayers),
    ["visual.ln_post.weight", [visionWidth], "scale"],
    ["visual.ln_post.bias", [visionWidth], "shift"],
    ...transformerTensors("", textWidth, shape.textLayers),
    ["token_embedding.weight", [shape.vocabulary, textWidth], "weight"],
    ["ln_final.weight", [textWidth], "scale"],
    ["ln_final.bias", [textWidth], "shift"],
  ];
  return named.map(([name, size, role]) => ({ name, shape: size, role, fanIn: 1 }));
}

/**
 * Standard deviation of a tensor's initial values, as published for the text transformer (Radford et al. 2019 and 2021)
 * and used for both here; 0 for tensors that start with a constant.
 */
function initialDeviation(name: string, shape: ClipShape): number {
  const isVisual = name.startsWith("visual.");
  const width = isVisual ? shape.visionWidth : shape.textWidth;
  const layers = isVisual ? shape.visionLayers : shape.textLayers;
  if (name === "token_embedding.weight") return 0.02;
  if (name === "positional_embedding") return 0.01;
  if (name === "visual.conv1.weight") return patchLength(shape) ** -0.5;
  if (name.endsWith("out_proj.weight") || name.endsWith("c_proj.weight"))
    return width ** -0.5 * (2 * layers) ** -0.5;
  if (name.endsWith("c_fc.weight")) return (2 * width) ** -0.5;
  // Attention inputs, projections, class vector and image positions.
  return width ** -0.5;
}

/**
 * Initial values, drawn from the `init` stream with the tensor's index: uniform with the published standard deviation,
 * because a normal draw needs a logarithm and a cosine, whose last bits could differ between JavaScript engines.
 */
export function initialiseClip(
  target: Float32Array,
  { layout, shape, key }: { layout: Layout; shape: ClipShape; key: StreamKey },
): void {
  for (const [index, { name, role, offset, size }] of layout.tensors.entries()) {
    const values = target.subarray(offset, offset + size);
    if (role === "weight" || name === "visual.class_embedding") {
      const limit = Math.sqrt(3) * initialDeviation(name, shape);
      const stream = draws(key, index);
      for (let i = 0; i < size; i++) values[i] = (2 * stream.uniform() - 1) * limit;
    } else {
      values.fill(name === "logit_scale" ? initialLogitScale : role === "scale" ? 1 : 0);
    }
  }
}
