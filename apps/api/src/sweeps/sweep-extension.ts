import {
  armsOf,
  didYouMean,
  type FieldError,
  parseSweepSpec,
  type SweepExtension,
  type SweepSpec,
} from "@reprise/contracts";
import { configurationsOf } from "@reprise/study";
import { problem } from "../http/problems.js";
import { invalidSpec } from "./sweep-planning.js";

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
