import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { z } from "zod";
import classes from "./saved-layouts.module.css";

/** Columns and pinned ones as they stand in the address; no columns are the default ones. */
const layout = z.object({ columns: z.string(), pinned: z.string() });
export type Layout = z.infer<typeof layout>;

const saved = z.record(z.string(), layout);

/** Another version may have written what is stored in the browser. */
function savedIn(text: string | undefined): z.infer<typeof saved> {
  try {
    return saved.parse(JSON.parse(text ?? "{}"));
  } catch {
    return {};
  }
}

/** Layouts of the table that this browser stores under a name. Whoever gets the address needs none of them. */
export function SavedLayouts({ current, onChoose }: { current: Layout; onChoose: (layout: Layout) => void }) {
  const [layouts, setLayouts] = useLocalStorage({
    key: "reprise.runs.layouts",
    defaultValue: {},
    getInitialValueInEffect: false,
    deserialize: savedIn,
  });
  const [name, setName] = useState("");
  const wanted = name.trim();
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (wanted === "") return;
    setLayouts({ ...layouts, [wanted]: current });
    setName("");
  };
  return (
    <section className={classes.layouts} aria-label="Saved layouts">
      {Object.entries(layouts).map(([known, { columns, pinned }]) => {
        const isCurrent = columns === current.columns && pinned === current.pinned;
        return (
          <div key={known} className={classes.columnRow}>
            <Button
              size="compact-xs"
              variant={isCurrent ? "light" : "subtle"}
              color="gray"
              aria-pressed={isCurrent}
              onClick={() => onChoose({ columns, pinned })}
            >
              {known}
            </Button>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Forget the layout ${known}`}
              onClick={() => {
                const { [known]: _, ...others } = layouts;
                setLayouts(others);
              }}
            >
              <IconX size={14} />
            </ActionIcon>
          </div>
        );
      })}
      <form onSubmit={save} className={classes.columnRow}>
        <TextInput
          size="xs"
          aria-label="Name for this layout"
          placeholder="Keep this layout as …"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button size="xs" variant="default" type="submit" disabled={wanted === ""}>
          Save
        </Button>
      </form>
    </section>
  );
}
