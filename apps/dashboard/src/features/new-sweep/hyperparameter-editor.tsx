import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { type Hyperparameter, type ParameterValue, searchedParameters } from "@reprise/contracts";
import { IconX } from "@tabler/icons-react";
import { AddHyperparameter } from "./add-hyperparameter.js";
import type { EditorProps } from "./draft.js";
import { useFieldError } from "./field-errors.js";
import classes from "./hyperparameter-editor.module.css";
import { choicesFor, hyperparametersFor } from "./offers.js";
import { unusedBecause } from "./used-when.js";
import { ValueField } from "./value-field.js";
import { varyShared } from "./vary.js";

function limits(info: Hyperparameter): string {
  const parts = [
    info.choices ? info.choices.join(", ") : null,
    info.exclusiveMinimum === undefined ? null : `above ${info.exclusiveMinimum}`,
    info.minimum === undefined ? null : `from ${info.minimum}`,
    info.maximum === undefined ? null : `to ${info.maximum}`,
  ];
  return parts.filter((part) => part !== null).join(" ");
}

function FixedValue({
  name,
  value,
  info,
  offered,
  onCommit,
}: {
  name: string;
  value: ParameterValue;
  info: Hyperparameter | undefined;
  /** Of its choices those that fit. */
  offered: readonly string[] | undefined;
  onCommit: (value: unknown) => void;
}) {
  const place = `base.${name}`;
  const error = useFieldError(place);
  const fitting = info?.choices ? (offered ?? info.choices) : undefined;
  const own = fitting && !fitting.includes(String(value)) ? [String(value), ...fitting] : fitting;
  const choices = info?.type === "boolean" ? ["true", "false"] : own;
  if (choices) {
    return (
      <NativeSelect
        aria-label={name}
        error={error}
        data={[...choices]}
        value={String(value)}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          onCommit(info?.type === "boolean" ? chosen === "true" : chosen);
        }}
      />
    );
  }
  return <ValueField label={name} place={place} hideLabel value={value} onCommit={onCommit} />;
}

/** Hyperparameters that all configurations share, each with what the trainer says about it. */
export function HyperparameterEditor({ draft, announced, dataset, edit }: EditorProps) {
  const searched = Object.keys(searchedParameters(draft.search));
  const unset = Object.keys(announced.hyperparameters)
    .filter((name) => !(name in draft.base) && !searched.includes(name))
    .sort();
  return (
    <div>
      <ul className={classes.parameters}>
        {Object.entries(draft.base).map(([name, value]) => {
          const info = announced.hyperparameters[name];
          const unused = unusedBecause(info, draft, announced);
          return (
            <li key={name} data-unused={unused === null ? undefined : true}>
              <div className={classes.parameterName}>
                <span className="mono">{name}</span>
                <span className="small dim">
                  {unused !== null
                    ? unused
                    : info
                      ? [info.description, limits(info)].filter(Boolean).join(" · ")
                      : "not announced by this trainer"}
                </span>
              </div>
              <FixedValue
                name={name}
                value={value}
                info={info}
                offered={choicesFor(name, draft, announced, dataset)}
                onCommit={(next) => edit(["base", name], next)}
              />
              <Button
                variant="default"
                size="compact-sm"
                aria-label={`Vary ${name}`}
                disabled={draft.search.method === "external" || unused !== null}
                onClick={() =>
                  varyShared(name, draft, announced, edit, choicesFor(name, draft, announced, dataset))
                }
              >
                Vary
              </Button>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Leave ${name} at its default`}
                onClick={() => edit(["base", name], undefined)}
              >
                <IconX size={16} />
              </ActionIcon>
            </li>
          );
        })}
      </ul>
      {unset.length > 0 ? (
        <AddHyperparameter
          label="Add a hyperparameter"
          offers={hyperparametersFor(unset, draft, announced, dataset)}
          onAdd={(name) => edit(["base", name], announced.hyperparameters[name]?.default ?? null)}
        />
      ) : null}
    </div>
  );
}
