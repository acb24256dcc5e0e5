import type { LeftOutTrainer, Requirements, TrainerCapabilities } from "@reprise/contracts";
import { queueName } from "@reprise/queue";
import {
  canLocate,
  DescribeError,
  describeTrainer,
  type TrainerCommand,
  type TrainerCommandInput,
  trainerCommand,
} from "@reprise/trainers";
import type { Logger } from "../logger.js";
import type { Slots } from "./slots.js";

/** A trainer this worker can run: how to start it, and what it can do. */
export type RegisteredTrainer = { command: TrainerCommand; capabilities: TrainerCapabilities };

/** Where runs of a trainer with these requirements come from. */
export const queueOf = ({ capabilities: { name, deviceClass } }: RegisteredTrainer, requires: Requirements) =>
  queueName({ trainer: name, deviceClass, requires });

/**
 * A trainer that found a GPU which this worker does not manage (it counts NVIDIA's) takes its turn on the processor,
 * where it has a backend for that.
 */
function fallBack({ deviceClass, backendProbes }: TrainerCapabilities): TrainerCapabilities["deviceClass"] {
  return backendProbes.some((probe) => probe.works && probe.deviceClass === "cpu") ? "cpu" : deviceClass;
}

/**
 * Asks every configured trainer what it can do. One that does not answer, or has no device here, is left out with
 * the reason.
 *
 * @throws when none is configured: there is nothing that such a worker could do
 */
export async function registerTrainers(
  inputs: readonly TrainerCommandInput[],
  slots: Slots,
  log: Logger,
): Promise<{ registered: RegisteredTrainer[]; leftOut: LeftOutTrainer[] }> {
  if (inputs.length === 0) {
    throw new Error("No trainer is configured. Name some in the file that REPRISE_WORKER_CONFIG points to.");
  }
  const leftOut: LeftOutTrainer[] = [];
  const registered = await Promise.all(
    inputs.map(async (input): Promise<RegisteredTrainer[]> => {
      const command = trainerCommand.parse(input);
      try {
        const described = await describeTrainer(command);
        const deviceClass =
          slots.count(described.deviceClass) > 0 ? described.deviceClass : fallBack(described);
        if (slots.count(deviceClass) === 0) {
          throw new DescribeError(
            command.name,
            `needs a ${deviceClass === "gpu" ? "GPU" : "processor"}, and this worker has none`,
          );
        }
        const locate = described.locate === true && canLocate(command);
        const capabilities = { ...described, deviceClass, locate };
        return [{ command, capabilities }];
      } catch (error) {
        log.error({ trainer: command.name, err: error }, "trainer left out");
        leftOut.push({ name: command.name, ...whyLeftOut(error) });
        return [];
      }
    }),
  );
  return { registered: registered.flat(), leftOut };
}

function whyLeftOut(error: unknown): Omit<LeftOutTrainer, "name"> {
  if (error instanceof DescribeError) return { reason: error.reason, lastLines: error.lastLines };
  return {
    reason: `did not describe itself: ${error instanceof Error ? error.message : String(error)}`,
    lastLines: [],
  };
}
