import type { AnnouncedTrainer, DatasetInfo, Preset } from "@reprise/contracts";
import { draftOf } from "./draft.js";

/** Presets that belong to one published study, or to none (`family` empty). */
export type Shelf = { family: string; presets: Preset[] };

const familyOf = ({ name }: Preset) => (name.includes("/") ? name.slice(0, name.indexOf("/")) : "");

function isTagged({ spec }: Preset, tag: string): boolean {
  const tags: unknown = typeof spec === "object" && spec !== null && "tags" in spec ? spec.tags : [];
  return Array.isArray(tags) && tags.includes(tag);
}

/** Made to be trained without a GPU: a study is, if all its parts are. */
export const isSmall = (preset: Preset, presets: readonly Preset[]): boolean =>
  partsOf(preset, presets).every((part) => isTagged(part, "laptop") || isTagged(part, "quickstart"));

/** Where it stands on its shelf: what a first visit is for, then what is small. */
const placeOf = (preset: Preset, presets: readonly Preset[]) =>
  isTagged(preset, "quickstart") ? 0 : isSmall(preset, presets) ? 1 : 2;

function partsOf(preset: Preset, presets: readonly Preset[]): Preset[] {
  if (preset.parts.length === 0) return [preset];
  return preset.parts.flatMap((name) => presets.find((candidate) => candidate.name === name) ?? []);
}

/** Shelves of the gallery. What is part of a study stands in the study's card; the quickstart comes first, then small studies. */
export function shelvesOf(presets: readonly Preset[]): Shelf[] {
  const parts = new Set(presets.flatMap((preset) => preset.parts));
  const shelves = new Map<string, Preset[]>([["", []]]);
  for (const preset of presets) {
    if (parts.has(preset.name)) continue;
    const family = familyOf(preset);
    shelves.set(family, [...(shelves.get(family) ?? []), preset]);
  }
  return [...shelves].map(([family, own]) => ({
    family,
    presets: own.sort((a, b) => placeOf(a, presets) - placeOf(b, presets)),
  }));
}

/** What a preset takes that no worker which is connected now can give; empty when it can be trained at once. */
export function lacking(
  preset: Preset,
  presets: readonly Preset[],
  trainers: readonly AnnouncedTrainer[],
  datasets: readonly DatasetInfo[],
): string[] {
  const found = new Set<string>();
  for (const { spec } of partsOf(preset, presets)) {
    const { trainer, dataset } = draftOf(spec);
    const known = trainers.find(({ capabilities }) => capabilities.name === trainer);
    if (!known || known.workers.length === 0) found.add(`trainer ${trainer}`);
    const data = datasets.find(({ name }) => name === dataset.name);
    if (!data?.available) found.add(`data set ${data?.title ?? dataset.name}`);
  }
  return [...found];
}

/** The first sentence of a description: what a card says. The whole stands below when the card is chosen. */
export function firstSentence(text: string): string {
  return /^.*?[.?!](?=\s+[A-Z]|\s*$)/s.exec(text)?.[0] ?? text;
}
