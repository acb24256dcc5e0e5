import { ActionIcon, SegmentedControl } from "@mantine/core";
import type { Search } from "@reprise/contracts";
import { IconX } from "@tabler/icons-react";
import type { Announced, Edit } from "./draft.js";
import { RangeField, startRange } from "./range-field.js";
import classes from "./searched-parameter.module.css";
import { ValueField } from "./value-field.js";

type Searched = Extract<Search, { parameters: unknown }>;

/** One varied hyperparameter: its values written out, or a range. */
export function SearchedParameter({
  name,
  values,
  method,
  announced,
  unused,
  onStop,
  edit,
}: {
  name: string;
  values: Searched["parameters"][string];
  method: Searched["method"];
  announced: Announced;
  /** Why no configuration uses it; null when one does. */
  unused: string | null;
  onStop: () => void;
  edit: Edit;
}) {
  const info = announced.hyperparameters[name];
  const numeric = info === undefined || ["number", "integer", "any"].includes(info.type);
  const isList = Array.isArray(values);
  const write = (value: unknown) => edit(["search", "parameters", name], value);
  const asValues = () => {
    if (isList) return;
    write([values.min, values.max]);
  };
  const asRange = () => {
    if (!isList) return;
    const start = startRange(info, method);
    const numbers = values
      .filter((value) => typeof value === "number")
      .filter((value) => start.scale === "linear" || value > 0);
    write(numbers.length > 1 ? { ...start, min: Math.min(...numbers), max: Math.max(...numbers) } : start);
  };
  return (
    <li className={classes.searched} data-unused={unused === null ? undefined : true}>
      <div className={classes.searchedHead}>
        <span className="mono">{name}</span>
        <span className="small dim">{unused ?? info?.description ?? "not announced by this trainer"}</span>
        {numeric ? (
          <SegmentedControl
            size="xs"
            aria-label={`How ${name} is given`}
            value={isList ? "values" : "range"}
            data={[
              { value: "values", label: "Values" },
              { value: "range", label: "Range" },
            ]}
            onChange={(chosen) => (chosen === "values" ? asValues() : asRange())}
          />
        ) : null}
        <ActionIcon variant="subtle" color="gray" aria-label={`Stop varying ${name}`} onClick={onStop}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      {isList ? (
        <ValueField
          label={name}
          place={`search.parameters.${name}`}
          hideLabel
          list
          value={values}
          description={
            info?.choices ? `of ${info.choices.join(", ")}; separated by commas` : "separated by commas"
          }
          onCommit={write}
        />
      ) : (
        <RangeField name={name} range={values} method={method} onChange={write} />
      )}
    </li>
  );
}
