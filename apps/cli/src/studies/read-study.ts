import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import {
  exactDocument,
  fieldErrorLine,
  nearestName,
  type Preset,
  parseSweepSpec,
  type SweepSpec,
  yamlReading,
} from "@reprise/contracts";
import { assertExpandable, getPreset, listPresets, SweepDesignError } from "@reprise/study";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { unreadable } from "../file-error.js";
import { UserError } from "../user-error.js";

type PlannedSweep = {
  preset: string | null;
  /** How it differs from what was published, as far as it is a preset of a publication. */
  published: Pick<Preset, "source" | "deviations"> | null;
  /** Checked and completed by general defaults, for a look at it. */
  spec: SweepSpec;
  /** As written, for the server, which knows the defaults of data sets. */
  document: unknown;
};

/** What the command line runs: one sweep, or several that belong together. */
export type Study = {
  sweeps: PlannedSweep[];
  /** Index of the sweep of which one run is verified and one replayed in the end; null for none. */
  proof: number | null;
};

/**
 * A study by the name of a preset or the path of a YAML (or JSON) file. `replicates` is the number of seeds that every
 * configuration is to have: those of the document first, then the smallest that it does not name. Throws a `UserError`
 * that names field, value and nearest choice.
 */
export async function readStudy(study: string, { replicates }: { replicates?: number } = {}): Promise<Study> {
  const planned = (preset: Preset | null, document: unknown): PlannedSweep => {
    const spec = checked(document);
    const facts = { preset: preset?.name ?? null, published: preset };
    if (replicates === undefined) return { ...facts, spec, document };
    const seeds = extendSeeds(spec.seeds, replicates);
    return { ...facts, spec: { ...spec, seeds }, document: { ...z.looseObject({}).parse(document), seeds } };
  };
  if (/\.(ya?ml|json)$/.test(study))
    return { sweeps: [planned(null, await readDocument(study))], proof: null };
  const preset = presetNamed(study);
  const { parts, proof } = preset;
  if (parts.length === 0) return { sweeps: [planned(preset, preset.spec)], proof: null };
  return {
    sweeps: parts.map(presetNamed).map((part) => planned(part, part.spec)),
    proof: proof === null ? null : parts.indexOf(proof),
  };
}

function extendSeeds(seeds: readonly number[], count: number): number[] {
  const extended = seeds.slice(0, count);
  for (let seed = 0; extended.length < count; seed++) if (!extended.includes(seed)) extended.push(seed);
  return extended;
}

function checked(document: unknown): SweepSpec {
  const parsed = parseSweepSpec(document);
  if (!parsed.ok) throw new UserError(parsed.errors.map(fieldErrorLine).join("\n"));
  try {
    assertExpandable(parsed.value);
  } catch (error) {
    if (error instanceof SweepDesignError) throw new UserError(error.errors.map(fieldErrorLine).join("\n"));
    throw error;
  }
  return parsed.value;
}

async function readDocument(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const document = parsed(path, text);
  if (typeof document === "object" && document !== null && !Array.isArray(document)) return document;
  throw new UserError(
    `${path} holds no study: one is a list of keys and values, at least name, dataset and base.`,
  );
}

function parsed(path: string, text: string): unknown {
  const { value, errors } = readYaml(path, text);
  if (errors.length > 0) throw new UserError(errors.map(fieldErrorLine).join("\n"));
  return value;
}

function readYaml(path: string, text: string): ReturnType<typeof exactDocument> {
  try {
    return exactDocument(parseYaml(text, yamlReading));
  } catch (error) {
    throw new UserError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function presetNamed(name: string) {
  const preset = getPreset(name);
  if (preset.ok) return preset.value;
  if (existsSync(name))
    throw new UserError(`${name} is not a preset, and a file of a study ends in .yaml or .json`);
  const known = listPresets().map((known) => known.name);
  const near = nearestName(name, known);
  const meant = near === null ? "" : ` Did you mean "${near}"?`;
  throw new UserError(
    `there is no preset "${name}".${meant}\nPresets: ${known.join(", ")}. A file ends in .yaml or .json.`,
  );
}
