import { queueName, type TrainerCapabilities } from "@reprise/contracts";
import {
  describeTrainer,
  type TrainerCommand,
  type TrainerCommandInput,
  trainerCommand,
} from "@reprise/trainers";
import type { Logger } from "../logger.js";
import type { Slots } from "./slots.js";

/** A trainer this worker can run: how to start it, what it can do, and where its runs come from. */
export type RegisteredTrainer = { command: TrainerCommand; capabilities: TrainerCapabilities; queue: string };

/**
 * A trainer that found a GPU which this worker does not manage (it counts NVIDIA's) takes its turn on the processor,
 * where it has a backend for that.
 */
function fallBack({ deviceClass, backendProbes }: TrainerCapabilities): TrainerCapabilities["deviceClass"] {
  return backendProbes.some((probe) => probe.works && probe.deviceClass === "cpu") ? "cpu" : deviceClass;
}

/**
 * Asks every configured trainer what it can do. One that does not answer, or has no device here, is left out with
 * the reason in the log; if none is left there is nothing a worker could do.
 *
 * @throws when no trainer can be used
 */
export async function registerTrainers(
  inputs: readonly TrainerCommandInput[],
  slots: Slots,
  log: Logger,
): Promise<RegisteredTrainer[]> {
  const commands = inputs.map((input) => trainerCommand.parse(input));
  const registered = await Promise.all(
    commands.map(async (command): Promise<RegisteredTrainer[]> => {
      try {
        const described = await describeTrainer(command);
        const deviceClass =
          slots.count(described.deviceClass) > 0 ? described.deviceClass : fallBack(described);
        const capabilities = { ...described, deviceClass };
        if (slots.count(deviceClass) === 0) {
          log.warn(
            { trainer: command.name },
            `trainer left out: it needs a ${deviceClass}, and there is none`,
          );
          return [];
        }
        return [{ command, capabilities, queue: queueName({ trainer: command.name, deviceClass }) }];
      } catch (error) {
        log.error({ trainer: command.name, err: error }, "trainer left out: it could not be described");
        return [];
      }
    }),
  );
  const usable = registered.flat();
  if (usable.length === 0) {
    throw new Error(
      commands.length === 0
        ? "No trainer is configured. Name some in the file that REPRISE_WORKER_CONFIG points to."
        : `None of the configured trainers can be used: ${commands.map((command) => command.name).join(", ")}. The log says why.`,
    );
  }
  return usable;
}
