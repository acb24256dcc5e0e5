import { NativeSelect, NumberInput, Switch } from "@mantine/core";
import type { Draft, Edit } from "./draft.js";
import { useFieldError } from "./field-errors.js";
import { FieldRow, FieldStack } from "./field-rows.js";
import { ValueField } from "./value-field.js";

/** What a study may be after, as one choice. */
const settles = [
  { value: "difference", label: "a difference is shown" },
  { value: "equivalence", label: "equivalence is shown" },
  { value: "difference,equivalence", label: "either is shown" },
];

/** Whether seeds are added until the question of the plan is settled, and when the study looks. */
export function SequentialEditor({ draft, edit }: { draft: Draft; edit: Edit }) {
  const { design, seeds } = draft;
  const maxError = useFieldError("design.maxSeeds");
  const settleError = useFieldError("design.settle");
  const most = Math.max(20, seeds.length);
  return (
    <FieldStack>
      <Switch
        label="Add seeds until the question is settled"
        description="The seeds above come first. The error is controlled over all looks, however often the study looks."
        checked={design !== undefined}
        onChange={(event) =>
          edit(["design"], event.currentTarget.checked ? { method: "sequential", maxSeeds: most } : undefined)
        }
      />
      {design ? (
        <FieldRow>
          <NumberInput
            label="Seeds at most"
            description="the study ends there, settled or not"
            error={maxError}
            min={4}
            max={200}
            value={design.maxSeeds}
            onChange={(value) => typeof value === "number" && edit(["design", "maxSeeds"], value)}
          />
          <NativeSelect
            label="Looks"
            description="when the runs so far are judged"
            data={[
              { value: "each", label: "after each seed, from the fourth" },
              { value: "planned", label: "at planned numbers of seeds" },
            ]}
            value={design.looks === "each" ? "each" : "planned"}
            onChange={(event) =>
              edit(
                ["design", "looks"],
                event.currentTarget.value === "each"
                  ? undefined
                  : [Math.ceil(design.maxSeeds / 2), design.maxSeeds],
              )
            }
          />
          {design.looks === "each" ? null : (
            <ValueField
              label="Numbers of seeds"
              description="growing, the last is the maximum"
              place="design.looks"
              list
              value={design.looks}
              onCommit={(value) => edit(["design", "looks"], value)}
            />
          )}
          <NativeSelect
            label="Stop when"
            description="equivalence needs a margin"
            error={settleError}
            data={settles}
            value={design.settle.toSorted().join()}
            onChange={(event) => edit(["design", "settle"], event.currentTarget.value.split(","))}
          />
        </FieldRow>
      ) : null}
    </FieldStack>
  );
}
