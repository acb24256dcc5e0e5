/** The sizes of a CLIP model: a vision transformer and a causal text transformer that meet in one embedding space. */
export type ClipShape = {
  /** Side of the square images, a multiple of `patchSize`. */
  imageSize: number;
  channels: number;
  patchSize: number;
  visionWidth: number;
  visionLayers: number;
  visionHeads: number;
  /** Tokens of a text, start and end included. */
  contextLength: number;
  /** Rows of the token table. */
  vocabulary: number;
  textWidth: number;
  textLayers: number;
  textHeads: number;
  embedDim: number;
};

/** ViT-B/32 as published with its weights: 151,277,313 parameters (Radford et al. 2021, Table 20). */
export const vitB32: ClipShape = {
  imageSize: 224,
  channels: 3,
  patchSize: 32,
  visionWidth: 768,
  visionLayers: 12,
  visionHeads: 12,
  contextLength: 77,
  vocabulary: 49_408,
  textWidth: 512,
  textLayers: 12,
  textHeads: 8,
  embedDim: 512,
};

/** Tokens of an image: its patches and the class token. */
export const imageTokens = ({ imageSize, patchSize }: ClipShape) => (imageSize / patchSize) ** 2 + 1;

/** Numbers of one patch. */
export const patchLength = ({ channels, patchSize }: ClipShape) => channels * patchSize * patchSize;
