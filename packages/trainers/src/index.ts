export { DescribeError, describeTrainer } from "./describe-trainer.js";
export type { Done, TrainerOutcome } from "./outcome.js";
export type { Hello } from "./protocol-check.js";
export { type RunTrainerOptions, runTrainer, type TrainerLog } from "./run-trainer.js";
export { type TrainerCommand, type TrainerCommandInput, trainerCommand } from "./trainer-command.js";
export {
  determinismEnvironment,
  determinismVariables,
  scrubbedEnvironment,
  trainerEnvironment,
} from "./trainer-environment.js";
