export { type Candidate, execute, requestOf } from "./check/candidate.js";
export { examine, type Finding, findOf, type TrainerCheck, trainerChecks } from "./check/checks.js";
export { placeOfControlGroups } from "./control-group.js";
export { DescribeError, describeTrainer } from "./describe-trainer.js";
export { type CarbonIntensity, carbonIntensity, knownPlaces } from "./energy/carbon-intensity.js";
export { type EnergyMeter, startEnergyMeter } from "./energy/energy-meter.js";
export { type EnergySettings, energySettings } from "./energy/settings.js";
export {
  createEnvironmentCollector,
  type EnvironmentCollector,
  environmentDigest,
  mergeEnvironment,
} from "./environment/collector.js";
export type { EnvironmentValues } from "./environment/machine.js";
export { canLocate, type LocateOutcome, locateRuns, type SideToLocate } from "./locate-runs.js";
export { type Gpu, listGpus, visibleGpus } from "./nvidia-smi.js";
export type { Done, TrainerOutcome } from "./outcome.js";
export { type Hello, parameterMismatch } from "./protocol-check.js";
export { type RunTrainerOptions, runTrainer, type TrainerLog } from "./run-trainer.js";
export { createSpareTrainers, type SpareTrainers } from "./spare-trainers.js";
export { type Host, openHost, workerSample } from "./system/host.js";
export { createSystemSampler, type SystemSampler, sampleEveryMs } from "./system/system-sampler.js";
export {
  commandOfLine,
  type TrainerCommand,
  type TrainerCommandInput,
  trainerCommand,
} from "./trainer-command.js";
export {
  determinismEnvironment,
  determinismVariables,
  scrubbedEnvironment,
  trainerEnvironment,
} from "./trainer-environment.js";
