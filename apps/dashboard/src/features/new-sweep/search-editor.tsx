import { ActionIcon, Button, NumberInput, SegmentedControl } from "@mantine/core";
import { type Search, searchedParameters } from "@reprise/contracts";
import { IconPlus, IconX } from "@tabler/icons-react";
import { AddHyperparameter } from "./add-hyperparameter.js";
import type { Edit, EditorProps } from "./draft.js";
import { useFieldError } from "./field-errors.js";
import { FieldRow, FieldStack } from "./field-rows.js";
import { choicesFor, hyperparametersFor } from "./offers.js";
import classes from "./search-editor.module.css";
import { SearchedParameter } from "./searched-parameter.js";
import { unusedBecause } from "./used-when.js";
import { ValueField } from "./value-field.js";
import { stopVarying, varyShared } from "./vary.js";

type Listed = Extract<Search, { method: "list" }>["configurations"];

/** The same search by another method, keeping the values as far as they fit. */
function convert(search: Search, method: string): unknown {
  if (method === "list") {
    if (search.method === "list") return search;
    const first = Object.fromEntries(
      Object.entries(searchedParameters(search)).map(([name, values]) => [
        name,
        Array.isArray(values) ? (values[0] ?? null) : values.min,
      ]),
    );
    return { method, configurations: [{ label: "A", ...first }] };
  }
  const parameters =
    search.method === "list"
      ? Object.fromEntries(
          [...new Set(search.configurations.flatMap((configuration) => Object.keys(configuration)))]
            .filter((name) => name !== "label")
            .map((name) => {
              const values = search.configurations.flatMap((configuration) =>
                configuration[name] === undefined ? [] : [configuration[name]],
              );
              return [name, [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]];
            }),
        )
      : searchedParameters(search);
  return method === "random" || method === "sobol"
    ? { method, parameters, samples: 8 }
    : { method, parameters };
}

function ListEditor({ configurations, edit }: { configurations: Listed; edit: Edit }) {
  const names = [...new Set(configurations.flatMap((configuration) => Object.keys(configuration)))].filter(
    (name) => name !== "label",
  );
  const at = (index: number) => ["search", "configurations", index] as const;
  const letter = String.fromCharCode(65 + (configurations.length % 26));
  return (
    <>
      <ul className={classes.configurations}>
        {configurations.map((configuration, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: configurations are known by their place in the document
          <li key={index}>
            <ValueField
              label="Label"
              name={`Label of configuration ${index + 1}`}
              place={`search.configurations.${index}.label`}
              value={configuration.label}
              placeholder="none"
              onCommit={(value) => edit([...at(index), "label"], value === null ? undefined : String(value))}
            />
            <div className={classes.configurationValues}>
              {names.map((name) => (
                <ValueField
                  key={name}
                  label={name}
                  name={`${name} of configuration ${index + 1}`}
                  place={`search.configurations.${index}.${name}`}
                  value={configuration[name]}
                  placeholder="default"
                  onCommit={(value) => edit([...at(index), name], value === null ? undefined : value)}
                />
              ))}
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove configuration ${index + 1}`}
              disabled={configurations.length === 1}
              onClick={() => edit(at(index), undefined)}
            >
              <IconX size={16} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <Button
        variant="default"
        size="xs"
        w="fit-content"
        leftSection={<IconPlus size={14} />}
        onClick={() => edit(at(configurations.length), { ...configurations.at(-1), label: letter })}
      >
        Add a configuration
      </Button>
    </>
  );
}

/** What varies: every combination of listed values, written-out configurations, random draws, or an even Sobol sequence. */
export function SearchEditor({ draft, announced, dataset, edit }: EditorProps) {
  const { search } = draft;
  const samplesError = useFieldError("search.samples");
  const seedError = useFieldError("search.seed");
  const searched = searchedParameters(search);
  const free = Object.keys(announced.hyperparameters)
    .filter((name) => !(name in searched))
    .sort();
  return (
    <FieldStack>
      <SegmentedControl
        aria-label="Search method"
        value={search.method}
        data={[
          { value: "grid", label: "Grid" },
          { value: "list", label: "List" },
          { value: "random", label: "Random" },
          { value: "sobol", label: "Sobol" },
        ]}
        onChange={(method) => edit(["search"], convert(search, method))}
        w="fit-content"
      />
      {search.method === "list" ? <ListEditor configurations={search.configurations} edit={edit} /> : null}
      {"parameters" in search && Object.keys(searched).length > 0 ? (
        <ul className={classes.searchedList}>
          {Object.entries(searched).map(([name, values]) => (
            <SearchedParameter
              key={name}
              name={name}
              values={values}
              method={search.method}
              announced={announced}
              unused={unusedBecause(announced.hyperparameters[name], draft, announced)}
              onStop={() => stopVarying(name, draft, announced, edit)}
              edit={edit}
            />
          ))}
        </ul>
      ) : null}
      {"samples" in search ? (
        <FieldRow>
          <NumberInput
            label="Configurations to draw"
            error={samplesError}
            min={1}
            value={search.samples}
            onChange={(value) => typeof value === "number" && edit(["search", "samples"], value)}
          />
          {search.method === "random" ? (
            <NumberInput
              label="Seed of the draws"
              error={seedError}
              min={0}
              value={search.seed}
              onChange={(value) => typeof value === "number" && edit(["search", "seed"], value)}
            />
          ) : null}
        </FieldRow>
      ) : null}
      {"parameters" in search && free.length > 0 ? (
        <AddHyperparameter
          label="Vary a hyperparameter"
          offers={hyperparametersFor(free, draft, announced, dataset)}
          onAdd={(name) =>
            varyShared(name, draft, announced, edit, choicesFor(name, draft, announced, dataset))
          }
        />
      ) : null}
    </FieldStack>
  );
}
