import { Autocomplete, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { sweepStatus } from "@reprise/contracts";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { SweepChoice } from "./queries.js";
import classes from "./sweep-filters.module.css";

const typingMs = 250;

/** Chooses among sweeps by name, status and tag; the server looks through all there are. */
export function SweepFilters({
  choice,
  tags,
  onChange,
}: {
  choice: SweepChoice;
  /** Tags to propose. */
  tags: readonly string[];
  onChange: (change: Partial<SweepChoice>) => void;
}) {
  const [name, setName] = useState(choice.name);
  const [tag, setTag] = useState(choice.tag);
  const later = useDebouncedCallback(onChange, typingMs);
  return (
    <search className={classes.filters}>
      <TextInput
        type="search"
        size="sm"
        aria-label="Find by name"
        placeholder="Find by name"
        leftSection={<IconSearch size={15} stroke={1.6} aria-hidden />}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          later({ name: event.currentTarget.value });
        }}
      />
      <NativeSelect
        size="sm"
        aria-label="Status"
        value={choice.status}
        data={[{ value: "", label: "any status" }, ...sweepStatus.options]}
        onChange={(event) => onChange({ status: event.currentTarget.value })}
      />
      <Autocomplete
        size="sm"
        aria-label="Tag"
        placeholder="any tag"
        clearable
        data={[...tags]}
        value={tag}
        onChange={(value) => {
          setTag(value);
          later({ tag: value });
        }}
      />
      <NativeSelect
        size="sm"
        aria-label="Archived or not"
        value={choice.archived}
        data={[
          { value: "", label: "not archived" },
          { value: "true", label: "archived" },
        ]}
        onChange={({ currentTarget: { value } }) => onChange({ archived: value === "true" ? value : "" })}
      />
    </search>
  );
}
