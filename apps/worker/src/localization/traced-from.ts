import type { Localization, TracedFrom } from "@reprise/contracts";
import type { LocatedSide } from "@reprise/database";
import { fileIsHere } from "../machine/artifact-store.js";

type Checkpoint = LocatedSide["checkpoints"][number];

/**
 * Whether a checkpoint was made before the runs had parted, as far as their ladders tell. Trainers count steps from 0 or
 * from 1: one step more than is needed is traced rather than one too few.
 */
function liesBefore({ step, epoch }: Checkpoint, recorded: NonNullable<Localization["recorded"]>): boolean {
  switch (recorded.kind) {
    case "step":
      return step < recorded.position;
    case "epoch":
    case "dataOrder":
      return epoch < recorded.position;
    case "finalWeights":
    case "predictions":
      return true;
    default:
      return false;
  }
}

/**
 * Where both sides begin: after the last step at which both kept a checkpoint that is on this machine and lies before the
 * place where they parted; else at the start, with the reason. `files` are those of the first and the second side.
 */
export async function tracedFrom(
  { otherRunId, recorded }: Pick<Localization, "otherRunId" | "recorded">,
  [first, second]: readonly [Pick<LocatedSide, "checkpoints">, Pick<LocatedSide, "checkpoints">],
): Promise<{ from: TracedFrom; files: [string, string] | null }> {
  const start = (why: string) => ({ from: { step: 0, epoch: 0, why }, files: null });
  if (otherRunId === null) return start("Nothing is recorded of where two trainings of this run part.");
  if (recorded === null) return start("Nothing that both recorded differs.");
  const pairs = first.checkpoints.flatMap((one) => {
    const other = second.checkpoints.find(({ step }) => step === one.step);
    return other ? [{ one, other }] : [];
  });
  if (pairs.length === 0)
    return start(
      "The two keep no checkpoints after a common step: their study has none (checkpointEveryEpochs), or they were removed.",
    );
  const before = pairs.filter(({ one }) => liesBefore(one, recorded)).reverse();
  if (before.length === 0) return start("The two had parted before their first common checkpoint.");
  for (const { one, other } of before) {
    if (!(await fileIsHere(one.path)) || !(await fileIsHere(other.path))) continue;
    return { from: { step: one.step, epoch: one.epoch, why: null }, files: [one.path, other.path] };
  }
  return start("Their checkpoints are not on the machine of the worker that traced them.");
}
