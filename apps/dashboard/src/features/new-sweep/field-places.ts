import type { FieldError } from "@reprise/contracts";
import type { Draft } from "./draft.js";

function searchPlaces({ search }: Draft): string[] {
  if (search.method === "list") {
    const names = new Set(["label", ...search.configurations.flatMap((each) => Object.keys(each))]);
    return search.configurations.flatMap((_, index) =>
      [...names].map((name) => `search.configurations.${index}.${name}`),
    );
  }
  if (!("parameters" in search)) return [];
  const values = Object.entries(search.parameters).flatMap(([name, given]) => {
    const place = `search.parameters.${name}`;
    return Array.isArray(given) ? place : ["min", "max", "scale", "steps"].map((key) => `${place}.${key}`);
  });
  return "samples" in search ? [...values, "search.samples", "search.seed"] : values;
}

/** Places of the document that have a field of their own in the form. */
function fieldPlaces(draft: Draft): string[] {
  return [
    "name",
    "dataset",
    "trainer",
    "seeds",
    ...Object.keys(draft.base).map((name) => `base.${name}`),
    ...searchPlaces(draft),
    ...(draft.arms?.map((_, index) => `arms.${index}.repeats`) ??
      ["deterministic", "nondeterministic"].map((mode) => `modes.${mode}.repeats`)),
    ...(draft.analysisPlan
      ? ["primaryMetric", "margin", "correction"].map((key) => `analysisPlan.${key}`)
      : []),
    ...(draft.design ? ["maxSeeds", "looks", "settle"].map((key) => `design.${key}`) : []),
  ];
}

/** Mistakes by the place of the field that they are about; under "" those that no field is about. */
export function errorsByPlace(errors: readonly FieldError[], draft: Draft): Map<string, FieldError[]> {
  const places = fieldPlaces(draft);
  const byPlace = new Map<string, FieldError[]>();
  for (const error of errors) {
    const place = places.find((each) => error.path === each || error.path.startsWith(`${each}.`)) ?? "";
    byPlace.set(place, [...(byPlace.get(place) ?? []), error]);
  }
  return byPlace;
}
