import {
  type Arm,
  type AskRequest,
  armsOf,
  didYouMean,
  type ExistingRun,
  type FieldError,
  type LoggedRun,
  modeOf,
  type Parameters,
  type PlannedRun,
  type SweepSpec,
} from "@reprise/contracts";
import { configurationLabels } from "../configuration-labels.js";
import { configurationKey, runKey } from "../digests.js";
import { expandSweep } from "../expand-sweep.js";
import { SweepDesignError } from "../sweep-design.js";

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

/** The label a configuration has in the study, or the one given, or one made of what tells it from the others. */
function labelFor(params: Parameters, given: string | undefined, existing: readonly ExistingRun[]): string {
  const key = configurationKey(params);
  const known = new Map(existing.map((run) => [run.configurationKey, run]));
  const own = known.get(key);
  if (own) return own.configurationLabel;
  const taken = new Set([...known.values()].map((run) => run.configurationLabel));
  if (given !== undefined) {
    if (!taken.has(given)) return given;
    throw refuse({
      path: "label",
      message: "another configuration of the study has this label",
      value: given,
    });
  }
  const labels = configurationLabels([...[...known.values()].map((run) => run.params), params]);
  const label = labels.at(-1) ?? key;
  return taken.has(label) ? `${label} (${key.slice(0, 6)})` : label;
}

/**
 * The plan of a run that was trained elsewhere, as a run of the study it is logged to: its parameters on top of the
 * study's base, the arm, and the next repeat where none is named.
 *
 * @throws SweepDesignError naming the field
 */
export function planLoggedRun(
  spec: SweepSpec,
  existing: readonly ExistingRun[],
  body: LoggedRun,
): PlannedRun {
  const params = { ...spec.base, ...body.params };
  const { name: arm, execution } = armFor(spec, body);
  const key = configurationKey(params);
  const same = existing.filter(
    (run) => run.configurationKey === key && run.seed === body.seed && run.arm === arm,
  );
  const repeat = body.repeat ?? 1 + Math.max(-1, ...same.map((run) => run.repeat));
  return {
    key: runKey({ params, seed: body.seed, arm, repeat }),
    position: 0,
    configurationKey: key,
    configurationLabel: labelFor(params, body.label, existing),
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
  existing: readonly ExistingRun[],
  { params = {}, label }: AskRequest,
): PlannedRun[] {
  const name = labelFor({ ...spec.base, ...params }, label, existing);
  return expandSweep(withConfiguration(spec, params)).map((run) => ({ ...run, configurationLabel: name }));
}
