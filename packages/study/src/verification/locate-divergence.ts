import {
  type Artifact,
  areComparable,
  type Divergence,
  decodeNumber,
  encodeNumber,
  type LadderRung,
  type RungPart,
  type TensorDigests,
  unrecordedAlgorithm,
} from "@reprise/contracts";
import type { LadderPlace } from "./compare-rungs.js";
import { tensorDistance } from "./tensor-distance.js";

/** A point of the training at which weights are stored. */
export type StoredPoint = {
  stored: Exclude<Artifact["kind"], "file">;
  /** Steps and whole epochs made until then. */
  step: number;
  epoch: number;
};

/** Weights of both runs at a point of the training at which those of both are stored. */
export type StoredWeights = StoredPoint & {
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
export function isAfter({ kind, position }: LadderPlace, point: StoredPoint): boolean {
  if (kind === "step") return point.step > position;
  if (kind === "epoch" || kind === "dataOrder") return point.epoch >= position;
  if (kind === "finalWeights" || kind === "predictions") return point.stored === "finalWeights";
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

type Digested = { algorithm: string; digests: ReadonlyMap<string, string> };

/** Digests of a part's tensors at a position; of a position reported twice, after a resume, the later counts. */
function digestsAt(stretches: readonly TensorDigests[], part: RungPart, position: number): Digested | null {
  for (const one of stretches.filter((stretch) => stretch.part === part).toReversed()) {
    const { names, positions, algorithm } = one;
    const joined = one.digests[positions.lastIndexOf(position)];
    if (joined === undefined) continue;
    const width = joined.length / names.length;
    const digests = new Map(names.map((name, at) => [name, joined.slice(at * width, (at + 1) * width)]));
    return { algorithm, digests };
  }
  return null;
}

/** What differs at the rung, or at the first later one of its kind at which both runs digested their tensors. */
function differing({ kind, position }: LadderPlace, { source, replica }: DivergenceEvidence): Differing {
  /** Algorithms by position. */
  const digested = (stretches: readonly TensorDigests[]) => {
    const found = new Map<number, string>();
    for (const { kind: of, positions, algorithm } of stretches) {
      if (of === kind) for (const at of positions) if (at >= position) found.set(at, algorithm);
    }
    return found;
  };
  const ofReplica = digested(replica);
  const both = [...digested(source)].filter(([at, algorithm]) =>
    areComparable(algorithm, ofReplica.get(at) ?? unrecordedAlgorithm),
  );
  const at = both.reduce((least, [one]) => Math.min(least, one), Number.POSITIVE_INFINITY);
  /** Null where not both have comparable digests of the part. */
  const tensorsOf = (part: RungPart): string[] | null => {
    const [left, right] = [digestsAt(source, part, at), digestsAt(replica, part, at)];
    if (!left || !right || !areComparable(left.algorithm, right.algorithm)) return null;
    return [...new Set([...left.digests.keys(), ...right.digests.keys()])].filter(
      (name) => left.digests.get(name) !== right.digests.get(name),
    );
  };
  const losses = tensorsOf("loss");
  const lossDiffers = losses && losses.length > 0;
  for (const part of ["gradient", "weights"] as const) {
    const tensors = tensorsOf(part);
    if (tensors && tensors.length > 0) return { lossDiffers, part, tensors, tensorsAt: at };
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
