import { floatView, type HostBackend } from "../../arithmetic/kernels/wasm-context.js";
import { createTape, type NumbersPool, type Tape, type Value } from "../../arithmetic/tape.js";
import type { Scaling } from "../../data/standardisation.js";
import { createInputReader } from "../../loop/inputs.js";
import type { Weights } from "../../loop/weights.js";
import { present } from "../../program/errors.js";
import { batchRow } from "./batch.js";
import { constantParameters, encodeImages, encodeTexts, trackedParameters } from "./encoders.js";
import { rankLoss } from "./info-nce.js";
import type { ContrastiveMemory } from "./memory.js";
import { writePatches } from "./pictures.js";
import { batchPlace, chunkSize, windowPlace } from "./places.js";
import type { ContrastivePlan } from "./plan.js";
import type { RankWorker } from "./rank-phases.js";
import { imageTokens, patchLength } from "./shape.js";

type Work = Pick<
  RankWorker,
  "ranks" | "loadWeights" | "encode" | "loss" | "backward" | "chunks" | "evaluate"
>;

/** Writes the picture of a row of the evaluated ones: the set's own cases first, then those of other sets. */
function evaluatedPictures(
  plan: ContrastivePlan,
  memory: ContrastiveMemory,
): (row: number, target: Float32Array) => void {
  const { cases } = plan.evaluated;
  const isStaged = plan.pictureFiles !== null;
  const own = createInputReader(plan, isStaged ? memory.window : memory.pictures);
  const others = plan.sets.map(({ first, images, white, cached }, set) => {
    const scaling = rescaled(plan.scaling, white / plan.white);
    const pictures = cached ? memory.window : present(memory.sets[set], "Pictures of a question");
    const reader = createInputReader({ ...plan, white, scaling }, pictures);
    const placeOf = cached ? windowPlace : (row: number) => row - first;
    return { end: first + images, placeOf, reader };
  });
  return (row, target) => {
    if (row < cases.length) {
      own.evaluation(isStaged ? windowPlace(row) : (cases[row] as number), target);
      return;
    }
    const { placeOf, reader } = present(
      others.find(({ end }) => row < end),
      "The set of an evaluated picture",
    );
    reader.evaluation(placeOf(row), target);
  };
}

/** The same normalisation for bytes of another brightness. */
const rescaled = ({ mean, deviation }: Scaling, factor: number): Scaling => ({
  mean: mean.map((value) => value * factor),
  deviation: deviation.map((value) => value * factor),
});

/** What a rank keeps between its forward and its backward pass. */
type Encoded = {
  tape: Tape;
  images: Value;
  texts: Value;
  parameters: Map<string, Value>;
};

/** The arithmetic of a contrastive run on one thread, over shared memory. */
export function createRankComputer(
  plan: ContrastivePlan,
  memory: ContrastiveMemory,
  { backend, weights }: { backend: HostBackend; weights: Weights },
): Work {
  const { ranks, rows, shape, layout, evaluated, hyper, pictureFiles } = plan;
  const { embedDim, contextLength } = shape;
  const pool: NumbersPool = new Map();
  const kept = new Map<number, Encoded>();
  const perImage = (imageTokens(shape) - 1) * patchLength(shape);
  const reader = createInputReader(plan, memory.pictures);
  const picture = new Float32Array(perImage);
  const placed = new Map(layout.tensors.map((tensor) => [tensor.name, tensor]));
  const scaleAt = present(placed.get("logit_scale"), "logit_scale").offset;
  const imageChunks = Math.ceil(evaluated.images / chunkSize);
  const evaluatedPicture = evaluatedPictures(plan, memory);

  function patchesOf(tape: Tape, count: number, read: (index: number, target: Float32Array) => void) {
    const patches = (count * perImage) / patchLength(shape);
    const tensor = tape.own(backend.makeOutput([patches, patchLength(shape)], "float32"));
    const target = floatView(backend, tensor);
    for (let index = 0; index < count; index++) {
      read(index, picture);
      writePatches(picture, target.subarray(index * perImage, (index + 1) * perImage), shape);
    }
    return tensor;
  }

  function textsOf(texts: Int32Array) {
    const ids = new Int32Array(texts.length * contextLength);
    for (const [row, text] of texts.entries())
      ids.set(memory.texts.subarray(text * contextLength, (text + 1) * contextLength), row * contextLength);
    return { ids, ends: texts.map((text) => memory.ends[text] as number) };
  }

  const features = (tape: Tape, value: Value) => floatView(tape.backend, value.tensor);

  return {
    ranks,
    loadWeights: weights.load,
    encode(rank, { step, batchStart }) {
      const tape = createTape(backend, pool);
      const first = rank * rows;
      const own = Array.from({ length: rows }, (_, row) =>
        batchRow(plan, memory, { step, batchStart, row: first + row }),
      );
      const patches = patchesOf(tape, rows, (row, target) => {
        const { id, epoch } = present(own[row], "row");
        const place = pictureFiles === null ? id : batchPlace(step, first + row, hyper.batchSize);
        reader.training(id, epoch, target, place);
      });
      const parameters = new Map<string, Value>();
      const options = {
        parameters: trackedParameters(tape, weights, parameters),
        gradCheckpointing: hyper.gradCheckpointing,
      };
      const images = encodeImages(tape, patches, shape, options);
      const texts = encodeTexts(tape, textsOf(Int32Array.from(own, ({ text }) => text)), shape, options);
      memory.imageFeatures.set(features(tape, images), first * embedDim);
      memory.textFeatures.set(features(tape, texts), first * embedDim);
      kept.set(rank, { tape, images, texts, parameters });
    },
    loss(rank) {
      const size = ranks * rows * embedDim;
      const part = (all: Float32Array) => all.subarray(rank * size, (rank + 1) * size);
      const result = rankLoss(
        backend,
        { images: memory.imageFeatures, texts: memory.textFeatures },
        {
          ranks,
          rows,
          embedDim,
          gatherWithGrad: hyper.gatherWithGrad,
          localLoss: hyper.localLoss,
          rank,
          logitScale: memory.parameters[scaleAt] as number,
          imageGradients: part(memory.imageGradients),
          textGradients: part(memory.textGradients),
        },
      );
      memory.losses[rank] = result.loss / ranks;
      memory.correct[rank] = result.hits;
      memory.scaleGradients[rank] = result.logitScale;
    },
    backward(rank) {
      const { tape, images, texts, parameters } = present(kept.get(rank), `Features of rank ${rank}`);
      kept.delete(rank);
      images.gradient = tape.own(ownGradient(memory.imageGradients, rank));
      tape.backward(texts, ownGradient(memory.textGradients, rank));
      const start = rank * layout.trained;
      for (const { name, offset, size } of layout.tensors) {
        const gradient = parameters.get(name)?.gradient;
        const target = memory.gradients.subarray(start + offset, start + offset + size);
        if (gradient) target.set(floatView(backend, gradient));
        else if (name === "logit_scale") target[0] = memory.scaleGradients[rank] as number;
        else throw new Error(`No gradient of ${name}.`);
      }
      tape.release();
    },
    chunks: imageChunks + Math.ceil(evaluated.texts.length / chunkSize),
    evaluate(chunk) {
      const tape = createTape(backend, pool);
      const options = { parameters: constantParameters(tape, weights), gradCheckpointing: false };
      if (chunk < imageChunks) {
        const start = chunk * chunkSize;
        const count = Math.min(chunkSize, evaluated.images - start);
        const patches = patchesOf(tape, count, (index, target) => evaluatedPicture(start + index, target));
        const images = encodeImages(tape, patches, shape, options);
        memory.evaluatedImages.set(features(tape, images), start * embedDim);
      } else {
        const start = (chunk - imageChunks) * chunkSize;
        const texts = encodeTexts(
          tape,
          textsOf(evaluated.texts.slice(start, start + chunkSize)),
          shape,
          options,
        );
        memory.evaluatedTexts.set(features(tape, texts), start * embedDim);
      }
      tape.release();
    },
  };

  /**
   * The gradient towards a rank's own features: what all ranks contribute, in rank order. Without gathered gradients the
   * others contribute zeros, as their losses do not know these features as variables.
   */
  function ownGradient(contributions: Float32Array, rank: number) {
    const size = rows * embedDim;
    const sums = new Float64Array(size);
    for (let from = 0; from < ranks; from++) {
      const start = (from * ranks + rank) * size;
      for (let i = 0; i < size; i++) sums[i] = (sums[i] as number) + (contributions[start + i] as number);
    }
    const tensor = backend.makeOutput([rows, embedDim], "float32");
    floatView(backend, tensor).set(sums);
    return tensor;
  }
}
