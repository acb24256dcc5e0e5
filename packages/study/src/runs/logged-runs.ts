import {
  type AddedConfiguration,
  type Arm,
  type AskRequest,
  armsOf,
  didYouMean,
  type FieldError,
  type KnownRuns,
  type Labelling,
  type LoggedRun,
  modeOf,
  type Parameters,
  type PlannedRun,
  type SweepSpec,
  showValue,
} from "@reprise/contracts";
import { labelIn, labelsOf } from "../design/configuration-labels.js";
import { configurationKey, runKey } from "../design/digests.js";
import { expandSweep } from "../design/expand-sweep.js";
import { isSeedName } from "../design/seed-names.js";
import { SweepDesignError } from "../design/sweep-design.js";

const refuse = (error: FieldError) => new SweepDesignError([error]);

/** The arm that is named, or the one of a mode, or the only one, or `free`: training is free unless something fixes it. */
function armFor(spec: SweepSpec, { arm: name, mode }: Pick<LoggedRun, "arm" | "mode">): Arm {
  const arms = armsOf(spec);
  const names = arms.map((arm) => arm.name);
  if (name !== undefined) {
    const named = arms.find((arm) => arm.name === name);
    if (!named) {
      throw refuse({
        path: "arm",
        message: "the study has no such arm",
        value: name,
        suggestion: didYouMean(name, names),
      });
    }
    if (mode !== undefined && modeOf(named.execution) !== mode) {
      throw refuse({ path: "mode", message: `arm ${name} is ${modeOf(named.execution)}`, value: mode });
    }
    return named;
  }
  const fitting = mode === undefined ? arms : arms.filter((arm) => modeOf(arm.execution) === mode);
  const chosen = fitting.length === 1 ? fitting[0] : fitting.find((arm) => arm.name === "free");
  if (chosen) return chosen;
  throw refuse({
    path: "arm",
    message: "say which arm of the study",
    suggestion: `It has: ${names.join(", ")}.`,
  });
}

/** The configuration of the parameters, on top of those of the study. */
export function addedConfiguration(
  spec: SweepSpec,
  labelling: Labelling | null,
  { params = {}, label: given }: Pick<AskRequest, "params" | "label">,
): AddedConfiguration {
  const whole = { ...spec.base, ...params };
  const label = labelling && labelIn(labelling, whole, given);
  return { key: configurationKey(whole), label, labelGiven: given !== undefined };
}

/**
 * The label of a configuration that runs are added of: the one that is given, or that it has, or one made of what tells it from
 * the others.
 */
function labelFor(
  params: Parameters,
  given: string | undefined,
  { existing, label: made }: KnownRuns,
): Pick<PlannedRun, "configurationLabel" | "labelGiven"> {
  const key = configurationKey(params);
  const own = existing.find((run) => run.configurationKey === key);
  if (given !== undefined) {
    if (own?.labelGiven && own.configurationLabel !== given) {
      throw refuse({
        path: "label",
        message: `these parameters are the configuration ${JSON.stringify(own.configurationLabel)} already`,
        value: showValue(given),
        suggestion: "Say under params what tells the two apart, or leave the label out.",
      });
    }
    const other = existing.find((run) => run.configurationLabel === given && run.configurationKey !== key);
    if (!other?.labelGiven) return { configurationLabel: given, labelGiven: true };
    throw refuse({
      path: "label",
      message: "another configuration of the study has this label",
      value: showValue(given),
    });
  }
  if (made !== null) {
    const { configurationLabel = made, labelGiven = false } = own ?? {};
    return { configurationLabel, labelGiven };
  }
  const added = { configurationKey: key, configurationLabel: "", labelGiven: false, params };
  const { label, given: labelGiven } = labelsOf([...existing, added]).labels.get(key) ?? {
    label: key,
    given: false,
  };
  return { configurationLabel: label, labelGiven };
}

/** A seed among the parameters makes every seed a configuration of its own. */
function refuseSeed(params: Parameters, seed: number): void {
  const name = Object.keys(params).find(isSeedName);
  if (name === undefined) return;
  throw refuse({
    path: `params.${name}`,
    message:
      "the seed is not a hyperparameter: with it, runs that differ by their seed would be different configurations",
    value: showValue(params[name]),
    suggestion:
      seed === params[name] ? "Leave it out of params: the run has it as seed." : "Send it as seed.",
  });
}

/**
 * The plan of a run that was trained elsewhere, as a run of the study it is logged to: its parameters on top of the
 * study's base, the arm, and the next repeat where none is named.
 *
 * @throws SweepDesignError naming the field
 */
export function planLoggedRun(spec: SweepSpec, known: KnownRuns, body: LoggedRun): PlannedRun {
  const params = { ...spec.base, ...body.params };
  refuseSeed(body.params, body.seed);
  const { name: arm, execution } = armFor(spec, body);
  const key = configurationKey(params);
  const same = known.existing.filter(
    (run) => run.configurationKey === key && run.seed === body.seed && run.arm === arm,
  );
  const repeat = body.repeat ?? 1 + Math.max(-1, ...same.map((run) => run.repeat));
  return {
    key: runKey({ params, seed: body.seed, arm, repeat }),
    position: 0,
    configurationKey: key,
    ...labelFor(params, body.label, known),
    params,
    seed: body.seed,
    mode: modeOf(execution),
    arm,
    execution,
    noise: spec.noise,
    repeat,
  };
}

/** A study of search `external` as if its next configuration were written out in it. */
export function withConfiguration(spec: SweepSpec, params: Parameters, label?: string): SweepSpec {
  const configuration = { ...params, ...(label === undefined ? {} : { label }) };
  return { ...spec, search: { method: "list", configurations: [configuration] } };
}

/** A configuration that a sampler asks for, under every seed, arm and repeat of the study. @throws SweepDesignError */
export function planAsked(
  spec: SweepSpec,
  known: KnownRuns,
  { params = {}, label }: AskRequest,
): PlannedRun[] {
  const name = labelFor({ ...spec.base, ...params }, label, known);
  return expandSweep(withConfiguration(spec, params)).map((run) => ({ ...run, ...name }));
}
