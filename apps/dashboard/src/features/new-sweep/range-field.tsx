import { NativeSelect, NumberInput } from "@mantine/core";
import type { Hyperparameter, Range, Search } from "@reprise/contracts";
import { useFieldError } from "./field-errors.js";
import classes from "./range-field.module.css";

/** A range to start from: around the default, on a log scale where the value must be above 0. */
export function startRange(info: Hyperparameter | undefined, method: Search["method"]): Range {
  const centre = typeof info?.default === "number" && info.default > 0 ? info.default : 0.01;
  const integer = info?.type === "integer";
  const round = (value: number) => (integer ? Math.max(1, Math.round(value)) : Number(value.toPrecision(6)));
  const range: Range = integer
    ? { min: round(centre / 2), max: round(centre * 2), scale: "linear", integer: true }
    : { min: round(centre / 10), max: round(centre * 10), scale: "log", integer: false };
  const within = { ...range, max: Math.min(range.max, info?.maximum ?? range.max) };
  return method === "grid" ? { ...within, steps: 3 } : within;
}

/** A range with its scale; in a grid with the number of values it is divided into. */
export function RangeField({
  name,
  range,
  method,
  onChange,
}: {
  name: string;
  range: Range;
  method: Search["method"];
  onChange: (range: Range) => void;
}) {
  const set = (change: Partial<Range>) => onChange({ ...range, ...change });
  const place = `search.parameters.${name}`;
  const errors = {
    min: useFieldError(`${place}.min`),
    max: useFieldError(`${place}.max`),
    scale: useFieldError(`${place}.scale`),
    steps: useFieldError(`${place}.steps`),
  };
  const bound = (key: "min" | "max", label: string) => (
    <NumberInput
      label={label}
      aria-label={`${label} of ${name}`}
      value={range[key]}
      step={range.scale === "log" ? range[key] : 1}
      onChange={(value) => typeof value === "number" && set({ [key]: value })}
      error={key === "max" && range.max <= range.min ? "must be above the lower end" : errors[key]}
    />
  );
  return (
    <fieldset className={classes.range} aria-label={`Range of ${name}`}>
      {bound("min", "From")}
      {bound("max", "To")}
      <NativeSelect
        label="Scale"
        aria-label={`Scale of ${name}`}
        value={range.scale}
        data={[
          { value: "linear", label: "linear" },
          { value: "log", label: "logarithmic" },
        ]}
        onChange={(event) => set({ scale: event.currentTarget.value === "log" ? "log" : "linear" })}
        error={range.scale === "log" && range.min <= 0 ? "needs a lower end above 0" : errors.scale}
      />
      {method === "grid" ? (
        <NumberInput
          label="Values"
          aria-label={`Number of values of ${name}`}
          min={2}
          max={1000}
          allowDecimal={false}
          value={range.steps ?? ""}
          onChange={(value) => typeof value === "number" && value >= 2 && set({ steps: value })}
          error={range.steps === undefined ? "a grid needs it" : errors.steps}
        />
      ) : null}
    </fieldset>
  );
}
