import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
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

const presetFolder = fileURLToPath(new URL("../../presets", import.meta.url));

const words = { title: z.string().min(1), description: z.string().min(1) };
const heading = {
  ...words,
  source: z.string().min(1).nullable().default(null),
  deviations: z.array(presetDeviation).default([]),
};
const document = z.record(z.string(), z.unknown());

const sweepFile = z.strictObject({ ...heading, spec: document });
const studyFile = z.strictObject({
  ...heading,
  parts: z.array(z.string()).min(2),
  proof: z.string().optional(),
});
/** All that another sweep's file says, but for the fields of its document and the deviations that are said anew here. */
const twinFile = z.strictObject({
  ...words,
  like: z.string(),
  deviations: z.array(presetDeviation),
  spec: document,
});

/** What it shows, told honestly, and a sweep document as a user would write it, or the names of such. */
type PresetFile = z.infer<typeof sweepFile> | z.infer<typeof studyFile>;

/** A preset file that ships with this package is broken: a defect of the package, not of the request. */
function broken(name: string, errors: { path: string; message: string }[]): Error {
  return new Error(`preset ${name}: ${errors.map((e) => `${e.path}: ${e.message}`).join("; ")}`);
}

function parsed<File>(name: string, schema: z.ZodType<File>, content: unknown): File {
  const file = parseWith(schema, content);
  if (!file.ok) throw broken(name, file.errors);
  return file.value;
}

const has = (content: unknown, key: string) =>
  typeof content === "object" && content !== null && key in content;

/** The files of all presets by their names. */
function readPresetFiles(): Map<string, PresetFile> {
  const contents = new Map(
    readdirSync(presetFolder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".yaml"))
      .map((path): [string, unknown] => [
        path
          .split(sep)
          .join("/")
          .replace(/\.yaml$/, ""),
        parse(readFileSync(join(presetFolder, path), "utf8")),
      ]),
  );
  const fileOf = (name: string): PresetFile => {
    const content = contents.get(name);
    if (has(content, "parts")) return parsed(name, studyFile, content);
    if (!has(content, "like")) return parsed(name, sweepFile, content);
    const { like, title, description, deviations, spec } = parsed(name, twinFile, content);
    const other = parsed(like, sweepFile, contents.get(like));
    const anew = new Map(deviations.map((deviation) => [deviation.what, deviation]));
    const kept = other.deviations.map((deviation) => {
      const own = anew.get(deviation.what) ?? deviation;
      anew.delete(deviation.what);
      return own;
    });
    const all = [...kept, ...anew.values()];
    return { ...other, title, description, deviations: all, spec: { ...other.spec, ...spec } };
  };
  return new Map([...contents.keys()].map((name) => [name, fileOf(name)]));
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
  const files = readPresetFiles();
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
