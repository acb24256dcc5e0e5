import { readFile } from "node:fs/promises";
import {
  checkpointStatePrefix,
  decodeTensorFile,
  floatsOf,
  type LadderRung,
  type WeightDistance,
} from "@reprise/contracts";
import { type Database, listArtifacts, readTensorDigests, type StoredArtifact } from "@reprise/database";
import {
  type DivergenceEvidence,
  isAfter,
  type StoredPoint,
  type StoredWeights,
  weightDistanceOf,
} from "@reprise/study";

type Pair = { runId: string; replicaRunId: string };

/** What is stored of tensors and weights where a run and its replica part. */
export async function divergenceEvidence(
  db: Database,
  place: Pick<LadderRung, "kind" | "position">,
  { runId, replicaRunId }: Pair,
): Promise<DivergenceEvidence> {
  const [source, replica, weights] = await Promise.all([
    readTensorDigests(db, runId, place.kind),
    readTensorDigests(db, replicaRunId, place.kind),
    weightsAfter(db, place, { runId, replicaRunId }),
  ]);
  return { source, replica, weights };
}

/** A file with the weights that a training had at some point. */
type WeightsFile = Pick<StoredArtifact, "path" | "bytes"> & StoredPoint;

const weightsFiles = (artifacts: readonly StoredArtifact[] | null): WeightsFile[] =>
  (artifacts ?? []).flatMap(({ kind, step, epoch, path, bytes }) =>
    kind === "file" || step === null || epoch === null ? [] : [{ stored: kind, step, epoch, path, bytes }],
  );

/** Points of the training at which both runs stored their weights, by step. */
async function commonPoints(
  db: Database,
  { runId, replicaRunId }: Pair,
): Promise<[WeightsFile, WeightsFile][]> {
  const ofSource = weightsFiles(await listArtifacts(db, runId));
  const ofReplica = weightsFiles(await listArtifacts(db, replicaRunId));
  return ofSource
    .toSorted((a, b) => a.step - b.step)
    .flatMap((file): [WeightsFile, WeightsFile][] => {
      const other = ofReplica.find(({ stored, step }) => stored === file.stored && step === file.step);
      return other ? [[file, other]] : [];
    });
}

async function readPair([file, other]: [WeightsFile, WeightsFile]): Promise<StoredWeights | null> {
  const { stored, step, epoch } = file;
  const [source, replica] = await Promise.all([readWeights(file), readWeights(other)]);
  return source && replica ? { stored, step, epoch, source, replica } : null;
}

/** Weights of both runs at the first point after the divergence at which both stored them in files that can be read here. */
async function weightsAfter(
  db: Database,
  place: Pick<LadderRung, "kind" | "position">,
  pair: Pair,
): Promise<StoredWeights | null> {
  for (const point of await commonPoints(db, pair)) {
    if (!isAfter(place, point[0])) continue;
    const weights = await readPair(point);
    if (weights) return weights;
  }
  return null;
}

/** So many bytes of weights are read for one answer; of more points as many are taken as fit, evenly spread. */
const maxReadPerAnswer = 512 * 1024 * 1024;

/** Relative distance of a run's weights and its replica's wherever both stored them. */
export async function weightDistancesOf(db: Database, pair: Pair): Promise<WeightDistance[]> {
  const points = await commonPoints(db, pair);
  const largest = points.reduce((max, [a, b]) => Math.max(max, (a.bytes ?? 0) + (b.bytes ?? 0)), 1);
  const stride = Math.ceil(points.length / Math.max(1, Math.floor(maxReadPerAnswer / largest)));
  const found: WeightDistance[] = [];
  for (const [index, point] of points.entries()) {
    // Counted from the end, so that the final weights are always among them.
    if ((points.length - 1 - index) % stride !== 0) continue;
    const weights = await readPair(point);
    if (weights) found.push(weightDistanceOf(weights));
  }
  return found;
}

/** Files larger than this are not read into the server's memory. */
const maxReadableBytes = 256 * 1024 * 1024;

/** The tensors of a file; null where it is not on this machine, too large, or not a tensor file (another trainer's). */
async function readWeights({ path, bytes }: WeightsFile): Promise<Map<string, Float32Array> | null> {
  if (bytes === null || bytes > maxReadableBytes) return null;
  try {
    const { tensors } = decodeTensorFile(await readFile(path));
    const weights = tensors.filter(
      ({ name, dtype }) => dtype === "F32" && !name.startsWith(checkpointStatePrefix),
    );
    return new Map(weights.map((tensor) => [tensor.name, floatsOf(tensor)]));
  } catch {
    return null;
  }
}
