import { Button } from "@mantine/core";
import { searchedParameters } from "@reprise/contracts";
import type { Announced, Draft, Edit } from "./draft.js";
import { Warning } from "./warning.js";

/** Hyperparameters of the draft that its trainer does not have, in their order; none where nobody has announced it. */
export function unknownHyperparameters(draft: Draft, { hyperparameters }: Announced): string[] {
  if (Object.keys(hyperparameters).length === 0) return [];
  const { search } = draft;
  const listed = search.method === "list" ? search.configurations.flatMap(Object.keys) : [];
  const named = [
    ...Object.keys(draft.base),
    ...Object.keys(searchedParameters(search)),
    ...listed.filter((name) => name !== "label"),
  ];
  return [...new Set(named)].filter((name) => !(name in hyperparameters));
}

/** Takes them out of the draft, wherever they stand. A configuration that has nothing else is gone as well. */
export function withoutHyperparameters(draft: Draft, names: readonly string[], edit: Edit): void {
  for (const name of names) if (name in draft.base) edit(["base", name], undefined);
  const { search } = draft;
  if (search.method === "list") {
    const kept = search.configurations.map((configuration) =>
      Object.fromEntries(Object.entries(configuration).filter(([name]) => !names.includes(name))),
    );
    const settings = kept.filter((configuration) =>
      Object.keys(configuration).some((name) => name !== "label"),
    );
    edit(["search", "configurations"], settings.length > 0 ? settings : [{}]);
  } else if (search.method !== "external") {
    for (const name of Object.keys(searchedParameters(search)))
      if (names.includes(name)) edit(["search", "parameters", name], undefined);
  }
}

/** What the draft sets and its trainer does not have, as after another trainer was chosen, with the way to be rid of it. */
export function UnknownHyperparameters({
  draft,
  announced,
  edit,
}: {
  draft: Draft;
  announced: Announced;
  edit: Edit;
}) {
  const names = unknownHyperparameters(draft, announced);
  if (names.length === 0) return null;
  return (
    <Warning>
      {draft.trainer} has no {names.join(", ")}.{" "}
      <Button size="compact-xs" variant="default" onClick={() => withoutHyperparameters(draft, names, edit)}>
        {names.length === 1 ? "Remove it" : `Remove these ${names.length}`}
      </Button>
    </Warning>
  );
}
