import { NativeSelect } from "@mantine/core";
import type { Announced, Draft } from "./draft.js";
import { unusedBecause } from "./used-when.js";

/** Takes a further hyperparameter of those that the trainer announces; one that nothing would use can be read, not chosen. */
export function AddHyperparameter({
  label,
  names,
  draft,
  announced,
  onAdd,
}: {
  label: string;
  names: readonly string[];
  draft: Draft;
  announced: Announced;
  onAdd: (name: string) => void;
}) {
  return (
    <NativeSelect
      w="min(100%, 280px)"
      mt={4}
      aria-label={label}
      value=""
      data={[
        { value: "", label: `${label} …` },
        ...names.map((name) => {
          const unused = unusedBecause(announced.hyperparameters[name], draft, announced);
          return { value: name, label: unused ? `${name} (${unused})` : name, disabled: unused !== null };
        }),
      ]}
      onChange={(event) => {
        const name = event.currentTarget.value;
        if (name) onAdd(name);
      }}
    />
  );
}
