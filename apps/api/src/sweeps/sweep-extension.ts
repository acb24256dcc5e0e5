import {
  armsOf,
  boundsOf,
  didYouMean,
  type FieldError,
  parseSweepSpec,
  type SweepExtension,
  type SweepSpec,
  seedsOf,
} from "@reprise/contracts";
import { configurationsOf } from "@reprise/study";
import { problem } from "../http/problems.js";
import { invalidSpec } from "./sweep-planning.js";

/**
 * The spec as a sequential study: a fixed one that goes on seed by seed, or one with anytime-valid bounds up to a larger maximum.
 * @throws {ProblemError} where the error could not be held
 */
export function sequentialSpec(
  { spec, analysisPlanDigest }: { spec: SweepSpec; analysisPlanDigest: string | null },
  { maxSeeds, settle }: NonNullable<SweepExtension["sequential"]>,
): SweepSpec {
  if (analysisPlanDigest === null) {
    throw problem(
      "conflict",
      "This study has no analysis plan that was fixed before its first result, so nothing is defined that could be settled. Start a new study with a plan and `design: { method: sequential }`.",
    );
  }
  if (spec.design && boundsOf(spec.design) !== "anytime") {
    throw problem(
      "conflict",
      `This study spends its error over the looks up to ${spec.design.maxSeeds} seeds: nothing is left for more. Only anytime-valid bounds allow a study to go on.`,
    );
  }
  const now = seedsOf(spec).length;
  if (maxSeeds <= now) {
    throw problem("invalid-request", "The extension does not fit this sweep.", {
      errors: [
        {
          path: "sequential.maxSeeds",
          message: `the study has ${now} seeds already`,
          value: String(maxSeeds),
          suggestion: `Give more than ${now}.`,
        },
      ],
    });
  }
  const design = spec.design
    ? // What is sought does not change on the way.
      { ...spec.design, maxSeeds }
    : {
        method: "sequential",
        maxSeeds,
        looks: "each",
        settle: settle ?? ["difference"],
        bounds: "anytime",
        continuedFrom: spec.seeds.length,
      };
  const parsed = parseSweepSpec({ ...spec, design });
  if (!parsed.ok) throw invalidSpec(parsed.errors);
  return parsed.value;
}

/** The spec with more seeds, repeats and configurations. @throws {ProblemError} where the extension does not fit it. */
export function extendedSpec(spec: SweepSpec, extension: SweepExtension): SweepSpec {
  const arms = armsOf(spec);
  const names = arms.map(({ name }) => name);
  const errors: FieldError[] = [];
  for (const name of Object.keys(extension.repeats)) {
    if (names.includes(name)) continue;
    errors.push({
      path: `repeats.${name}`,
      message: "this sweep has no such arm",
      suggestion: didYouMean(name, names),
    });
  }
  extension.seeds.forEach((seed, index) => {
    if (!spec.seeds.includes(seed)) return;
    errors.push({ path: `seeds.${index}`, message: "the sweep has this seed already", value: String(seed) });
  });
  if (errors.length > 0)
    throw problem("invalid-request", "The extension does not fit this sweep.", { errors });
  if (spec.search.method === "external") {
    throw problem(
      "conflict",
      "The runs of this sweep are asked for, not planned: ask for more with `POST /sweeps/{id}/ask`.",
    );
  }

  if (spec.design) {
    throw problem(
      "conflict",
      "A sequential study adds its seeds by itself. Raise its maximum with `sequential: { maxSeeds }`, or start a new study.",
    );
  }

  const more = (name: string) => extension.repeats[name] ?? 0;
  const { deterministic, nondeterministic } = spec.modes ?? {};
  const extended: SweepSpec = {
    ...spec,
    seeds: [...spec.seeds, ...extension.seeds],
    ...(spec.modes
      ? {
          modes: {
            ...(deterministic && { deterministic: { repeats: deterministic.repeats + more("det") } }),
            ...(nondeterministic && {
              nondeterministic: { repeats: nondeterministic.repeats + more("free") },
            }),
          },
        }
      : { arms: arms.map((arm) => ({ ...arm, repeats: arm.repeats + more(arm.name) })) }),
  };
  if (extension.configurations.length > 0) {
    // Written out in full, the old configurations keep their parameters, and with them the keys of their runs.
    const written = configurationsOf(spec).map(({ label, labelGiven, params }) => ({
      ...params,
      ...(labelGiven ? { label } : {}),
    }));
    extended.search = { method: "list", configurations: [...written, ...extension.configurations] };
  }
  const parsed = parseSweepSpec(extended);
  if (!parsed.ok) throw invalidSpec(parsed.errors);
  return parsed.value;
}
