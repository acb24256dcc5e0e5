import {
  type Artifact,
  type Divergence,
  decodeNumber,
  encodeNumber,
  type LadderRung,
  type RungPart,
  type TensorDigests,
} from "@reprise/contracts";
import type { LadderPlace } from "./compare-rungs.js";
import { tensorDistance } from "./tensor-distance.js";

/** Weights of both runs at a point of the training at which those of both are stored. */
export type StoredWeights = Pick<Artifact, "step" | "epoch"> & {
  stored: Artifact["kind"];
  source: ReadonlyMap<string, Float32Array>;
  replica: ReadonlyMap<string, Float32Array>;
};

/** What beside the ladders tells where two runs part. */
export type DivergenceEvidence = {
  /** Digests of single tensors at rungs of the divergence's kind, in the order in which they were reported. */
  source: readonly TensorDigests[];
  replica: readonly TensorDigests[];
  weights: StoredWeights | null;
};

/** Whether weights stored at this point were computed at or after the divergence. */
export function isAfter(
  { kind, position }: LadderPlace,
  point: Pick<Artifact, "kind" | "step" | "epoch">,
): boolean {
  if (kind === "step") return point.step > position;
  if (kind === "epoch" || kind === "dataOrder") return point.epoch >= position;
  if (kind === "finalWeights" || kind === "predictions") return point.kind === "finalWeights";
  return true;
}

/** The epoch, from 1, of a step, where all epochs of a ladder have equally many. */
function epochOf({ kind, position }: LadderPlace, rungs: readonly LadderRung[]): number | null {
  if (kind !== "step") return null;
  const last = (wanted: LadderRung["kind"]) =>
    rungs.reduce((most, rung) => (rung.kind === wanted ? Math.max(most, rung.position) : most), -1);
  const stepsPerEpoch = (last("step") + 1) / last("epoch");
  return Number.isInteger(stepsPerEpoch) && stepsPerEpoch > 0
    ? Math.floor(position / stepsPerEpoch) + 1
    : null;
}

type Differing = Pick<Divergence, "lossDiffers" | "part" | "tensors" | "tensorsAt">;

const unknown: Differing = { lossDiffers: null, part: null, tensors: [], tensorsAt: null };

/** Digests of a part's tensors at a position; of a position reported twice, after a resume, the later counts. */
function digestsAt(
  stretches: readonly TensorDigests[],
  part: RungPart,
  position: number,
): Map<string, string> | null {
  for (const { names, positions, digests } of stretches.filter((one) => one.part === part).toReversed()) {
    const joined = digests[positions.lastIndexOf(position)];
    if (joined === undefined) continue;
    const width = joined.length / names.length;
    return new Map(names.map((name, at) => [name, joined.slice(at * width, (at + 1) * width)]));
  }
  return null;
}

/** What differs at the rung, or at the first later one of its kind at which both runs digested their tensors. */
function differing({ kind, position }: LadderPlace, { source, replica }: DivergenceEvidence): Differing {
  const digested = (stretches: readonly TensorDigests[]) =>
    new Set(
      stretches.flatMap((one) => (one.kind === kind ? one.positions.filter((at) => at >= position) : [])),
    );
  const ofReplica = digested(replica);
  const both = [...digested(source)].filter((at) => ofReplica.has(at));
  const at = both.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
  const tensorsOf = (part: RungPart): string[] => {
    const [left, right] = [digestsAt(source, part, at), digestsAt(replica, part, at)];
    if (!left || !right) return [];
    return [...new Set([...left.keys(), ...right.keys()])].filter(
      (name) => left.get(name) !== right.get(name),
    );
  };
  const lossDiffers = digestsAt(source, "loss", at) ? tensorsOf("loss").length > 0 : null;
  for (const part of ["gradient", "weights"] as const) {
    const tensors = tensorsOf(part);
    if (tensors.length > 0) return { lossDiffers, part, tensors, tensorsAt: at };
  }
  return { lossDiffers, part: lossDiffers ? "loss" : null, tensors: [], tensorsAt: lossDiffers ? at : null };
}

function measure(weights: StoredWeights): Pick<Divergence, "measured" | "maxUlp" | "maxRelativeError"> {
  const { source, replica, ...point } = weights;
  const tensors = [...source].flatMap(([name, values]) => {
    const other = replica.get(name);
    return other && other.length === values.length ? [tensorDistance(name, values, other)] : [];
  });
  const most = (key: "maxUlp" | "maxRelativeError") =>
    encodeNumber(tensors.reduce((largest, tensor) => Math.max(largest, decodeNumber(tensor[key])), 0));
  return {
    maxUlp: most("maxUlp"),
    maxRelativeError: most("maxRelativeError"),
    measured: { ...point, tensors: tensors.filter(({ differing }) => differing > 0) },
  };
}

/**
 * Everything that is known of the place where two runs part: the tensors that differ there first, and how far the weights
 * lie apart at the first point after it at which those of both runs are stored.
 */
export function locateDivergence(
  place: LadderPlace,
  rungs: readonly LadderRung[],
  evidence: DivergenceEvidence | null = null,
): Divergence {
  const { kind, position } = place;
  return {
    kind,
    position,
    epoch: epochOf(place, rungs),
    ...(evidence ? differing(place, evidence) : unknown),
    ...(evidence?.weights
      ? measure(evidence.weights)
      : { maxUlp: null, maxRelativeError: null, measured: null }),
  };
}
