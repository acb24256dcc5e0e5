import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { didYouMean, type Parsed, type Preset, parseWith, sweepSpec } from "@reprise/contracts";
import { parse } from "yaml";
import { z } from "zod";
import { countRuns } from "./sweep-design.js";

const presetFolder = fileURLToPath(new URL("../presets", import.meta.url));

/** A preset file: what it shows, told honestly, and a sweep document as a user would write it. */
const presetFile = z.strictObject({
  title: z.string().min(1),
  description: z.string().min(1),
  spec: z.unknown(),
});

/** A preset file that ships with this package is broken: a defect of the package, not of the request. */
function broken(name: string, errors: { path: string; message: string }[]): Error {
  return new Error(`preset ${name}: ${errors.map((e) => `${e.path}: ${e.message}`).join("; ")}`);
}

function readPreset(path: string): Preset {
  const name = relative(presetFolder, path)
    .split(sep)
    .join("/")
    .replace(/\.yaml$/, "");
  const file = parseWith(presetFile, parse(readFileSync(path, "utf8")));
  if (!file.ok) throw broken(name, file.errors);
  const spec = parseWith(sweepSpec, file.value.spec);
  if (!spec.ok) throw broken(name, spec.errors);
  return { name, ...file.value, runCount: Number(countRuns(spec.value)) };
}

/** All presets, in the order of their names; a preset's name is its path below the preset folder. */
export function listPresets(): Preset[] {
  return readdirSync(presetFolder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".yaml"))
    .map((path) => readPreset(join(presetFolder, path)))
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
