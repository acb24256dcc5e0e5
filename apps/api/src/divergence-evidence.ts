import { readFile } from "node:fs/promises";
import { checkpointStatePrefix, decodeTensorFile, floatsOf, type LadderRung } from "@reprise/contracts";
import { type Database, listArtifacts, readTensorDigests, type StoredArtifact } from "@reprise/database";
import { type DivergenceEvidence, isAfter, type StoredWeights } from "@reprise/study";

type Pair = { runId: string; replicaRunId: string };

/** What is kept of tensors and weights where a run and its replica part. */
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

/** Weights of both runs at the first point after the divergence at which both kept them in files that can be read here. */
async function weightsAfter(
  db: Database,
  place: Pick<LadderRung, "kind" | "position">,
  { runId, replicaRunId }: Pair,
): Promise<StoredWeights | null> {
  const [ofSource, ofReplica] = await Promise.all([
    listArtifacts(db, runId),
    listArtifacts(db, replicaRunId),
  ]);
  for (const artifact of (ofSource ?? []).toSorted((a, b) => a.step - b.step)) {
    if (!isAfter(place, artifact)) continue;
    const { kind, step, epoch } = artifact;
    const other = ofReplica?.find((candidate) => candidate.kind === kind && candidate.step === step);
    if (!other) continue;
    const [source, replica] = await Promise.all([readWeights(artifact), readWeights(other)]);
    if (source && replica) return { stored: kind, step, epoch, source, replica };
  }
  return null;
}

/** Files larger than this are not read into the server's memory. */
const readableBytes = 256 * 1024 * 1024;

/** The tensors of a file; null where it is not on this machine, too large, or not a tensor file (another trainer's). */
async function readWeights({ path, bytes }: StoredArtifact): Promise<Map<string, Float32Array> | null> {
  if (bytes === null || bytes > readableBytes) return null;
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
