import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import {
  didYouMean,
  type Parsed,
  type Preset,
  parseWith,
  presetDeviation,
  sweepSpec,
} from "@reprise/contracts";
import { parse } from "yaml";
import { z } from "zod";
import { countRuns } from "./sweep-design.js";

const presetFolder = fileURLToPath(new URL("../presets", import.meta.url));

const heading = {
  title: z.string().min(1),
  description: z.string().min(1),
  source: z.string().min(1).nullable().default(null),
  deviations: z.array(presetDeviation).default([]),
};

/** A preset file: what it shows, told honestly, and a sweep document as a user would write it, or the names of such. */
const presetFile = z.union([
  z.strictObject({ ...heading, spec: z.unknown() }).refine(({ spec }) => spec !== undefined),
  z.strictObject({ ...heading, parts: z.array(z.string()).min(2), proof: z.string().optional() }),
]);
type PresetFile = z.infer<typeof presetFile>;

/** A preset file that ships with this package is broken: a defect of the package, not of the request. */
function broken(name: string, errors: { path: string; message: string }[]): Error {
  return new Error(`preset ${name}: ${errors.map((e) => `${e.path}: ${e.message}`).join("; ")}`);
}

function readPresetFile(path: string): [string, PresetFile] {
  const name = relative(presetFolder, path)
    .split(sep)
    .join("/")
    .replace(/\.yaml$/, "");
  const file = parseWith(presetFile, parse(readFileSync(path, "utf8")));
  if (!file.ok) throw broken(name, file.errors);
  return [name, file.value];
}

function sizeOf(name: string, files: ReadonlyMap<string, PresetFile>): number {
  const file = files.get(name);
  if (!file) throw broken(name, [{ path: "parts", message: "no such preset" }]);
  if ("parts" in file) return file.parts.reduce((sum, part) => sum + sizeOf(part, files), 0);
  const spec = parseWith(sweepSpec, file.spec);
  if (!spec.ok) throw broken(name, spec.errors);
  return Number(countRuns(spec.value));
}

/** All presets, in the order of their names; a preset's name is its path below the preset folder. */
export function listPresets(): Preset[] {
  const files = new Map(
    readdirSync(presetFolder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".yaml"))
      .map((path) => readPresetFile(join(presetFolder, path))),
  );
  return [...files]
    .map(([name, file]): Preset => {
      const { title, description, source, deviations } = file;
      if (deviations.length > 0 && source === null)
        throw broken(name, [{ path: "source", message: "say where the deviations are known from" }]);
      const facts = { name, title, description, source, deviations, runCount: sizeOf(name, files) };
      if (!("parts" in file)) {
        return { ...facts, spec: file.spec, parts: [], proof: null };
      }
      const { parts, proof = null } = file;
      if (proof !== null && !parts.includes(proof)) {
        throw broken(name, [{ path: "proof", message: `${proof} is not one of its parts` }]);
      }
      return { ...facts, spec: null, parts, proof };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The preset of that name, or an error that names the nearest one. */
export function getPreset(name: string): Parsed<Preset> {
  const presets = listPresets();
  const preset = presets.find((candidate) => candidate.name === name);
  if (preset) return { ok: true, value: preset };
  const names = presets.map((candidate) => candidate.name);
  return {
    ok: false,
    errors: [{ path: "preset", message: "unknown preset", value: name, suggestion: didYouMean(name, names) }],
  };
}
