import { ActionIcon, Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { IconColumns3, IconPin, IconPinnedFilled } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./column-menu.module.css";
import type { RunsColumn } from "./columns.js";
import { type Layout, SavedLayouts } from "./saved-layouts.js";

/** Which columns stand in the table, and which stay in view when it is scrolled sideways. */
export function ColumnMenu({
  columns,
  shown,
  pinned,
  onShown,
  onPinned,
  layout,
  onLayout,
}: {
  columns: readonly RunsColumn[];
  shown: readonly string[];
  pinned: readonly string[];
  onShown: (shown: string[]) => void;
  onPinned: (pinned: string[]) => void;
  layout: Layout;
  onLayout: (layout: Layout) => void;
}) {
  const [search, setSearch] = useState("");
  const found = columns.filter(({ label, key }) =>
    `${label} ${key}`.toLowerCase().includes(search.trim().toLowerCase()),
  );
  return (
    <Popover position="bottom-end" width={300} trapFocus>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns3 size={14} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <TextInput
          size="xs"
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          mb={8}
        />
        <div className={classes.columns}>
          {found.map(({ key, label }) => {
            const isPinned = pinned.includes(key);
            return (
              <div key={key} className={classes.columnRow}>
                <Checkbox
                  size="xs"
                  label={key.startsWith("params.") ? <span className="mono">{label}</span> : label}
                  checked={shown.includes(key)}
                  onChange={(event) =>
                    onShown(
                      event.currentTarget.checked ? [...shown, key] : shown.filter((other) => other !== key),
                    )
                  }
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`${isPinned ? "Unpin" : "Pin"} ${label}`}
                  aria-pressed={isPinned}
                  onClick={() =>
                    onPinned(isPinned ? pinned.filter((other) => other !== key) : [...pinned, key])
                  }
                >
                  {isPinned ? <IconPinnedFilled size={14} /> : <IconPin size={14} />}
                </ActionIcon>
              </div>
            );
          })}
        </div>
        <SavedLayouts current={layout} onChoose={onLayout} />
      </Popover.Dropdown>
    </Popover>
  );
}
