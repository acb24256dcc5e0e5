import type { ScrollAreaProps } from "@mantine/core";
import { createSpotlight, Spotlight, useSpotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { useEffect, useId, useState } from "react";
import classes from "./command-palette.module.css";
import { useCommands } from "./use-commands.js";

/** Everything that has a name, by typing some of it. */
export function CommandPalette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [[store, spotlight]] = useState(createSpotlight);
  const { query, selected } = useSpotlight(store);
  const commands = useCommands(query.trim());
  const listId = useId();
  useEffect(() => (opened ? spotlight.open() : spotlight.close()), [opened, spotlight]);
  const select = (index: number) => store.setState({ ...store.getState(), selected: index });
  // The arrow keys move the library's mark after this, and it tells nobody.
  const onKeyDown = () => queueMicrotask(() => select(store.getState().selected));
  const current = Math.min(Math.max(selected, 0), commands.length - 1);
  // What scrolls must be the list box itself, or the keyboard does not reach it.
  const scrolled: Pick<ScrollAreaProps, "scrollbars" | "viewportProps"> = {
    scrollbars: "y",
    viewportProps: { role: "listbox", id: listId, "aria-label": "Commands" },
  };
  return (
    <Spotlight.Root
      store={store}
      shortcut={null}
      onSpotlightOpen={() => select(0)}
      onSpotlightClose={onClose}
      yOffset="12vh"
      transitionProps={{ duration: 80 }}
      overlayProps={{}}
      classNames={classes}
      attributes={{ content: { "aria-label": "Command palette" } }}
    >
      <Spotlight.Search
        placeholder="A page, sweep, run id, metric, hyperparameter, setting or word …"
        role="combobox"
        aria-label="Command"
        aria-expanded={commands.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={commands.length > 0 ? `${listId}-${current}` : undefined}
        onKeyDown={onKeyDown}
      />
      {commands.length === 0 ? (
        <Spotlight.Empty>Nothing is called that.</Spotlight.Empty>
      ) : (
        <Spotlight.ActionsList {...scrolled}>
          {commands.map(({ id, group, label, hint, act }, index) => (
            <Spotlight.Action
              key={id}
              role="option"
              renderRoot={(props) => <button type="button" {...props} id={`${listId}-${index}`} />}
              aria-selected={index === current}
              data-selected={index === current || undefined}
              leftSection={group}
              label={label}
              rightSection={hint}
              onClick={act}
              onMouseMove={() => select(index)}
            />
          ))}
        </Spotlight.ActionsList>
      )}
    </Spotlight.Root>
  );
}
