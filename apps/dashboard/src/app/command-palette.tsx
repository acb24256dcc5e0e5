import { Modal, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useState } from "react";
import { presetsQuery } from "../shared/api/catalogue-queries.js";
import { sweepsQuery } from "../shared/api/sweep-queries.js";
import classes from "./command-palette.module.css";
import { places } from "./places.js";

type Command = { id: string; group: string; label: string; hint?: string; act: () => void };

/** At most so many of a group are listed; typing finds the others. */
const shownPerGroup = 7;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Every word that was typed must occur. */
function matches(command: Command, wanted: string): boolean {
  const text = `${command.group} ${command.label} ${command.hint ?? ""}`.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function useCommands(close: () => void): Command[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const sweeps = useQuery(sweepsQuery);
  const presets = useQuery(presetsQuery);
  const then = (act: () => unknown) => () => {
    close();
    act();
  };
  return [
    ...places.map(({ to, label, key }) => ({
      id: to,
      group: "Go to",
      label,
      hint: `g ${key}`,
      act: then(() => navigate({ to })),
    })),
    ...(sweeps.data ?? []).map((sweep) => ({
      id: sweep.id,
      group: "Sweep",
      label: sweep.name,
      hint: sweep.status,
      act: then(() => navigate({ to: "/sweeps/$sweepId", params: { sweepId: sweep.id } })),
    })),
    ...(presets.data ?? []).map((preset) => ({
      id: `preset ${preset.name}`,
      group: "New sweep from",
      label: preset.title,
      hint: `${preset.runCount} runs`,
      act: then(() => navigate({ to: "/sweeps/new", search: { preset: preset.name } })),
    })),
    ...(["light", "dark", "auto"] as const).map((scheme) => ({
      id: `theme ${scheme}`,
      group: "Theme",
      label: scheme === "auto" ? "As the system" : scheme === "light" ? "Light" : "Dark",
      act: then(() => setColorScheme(scheme)),
    })),
  ];
}

function shownCommands(commands: readonly Command[], wanted: string): Command[] {
  const counts = new Map<string, number>();
  return commands.filter((command) => {
    if (!matches(command, wanted)) return false;
    const shown = (counts.get(command.group) ?? 0) + 1;
    counts.set(command.group, shown);
    return shown <= shownPerGroup;
  });
}

function Palette({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const listId = useId();
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const commands = useCommands(close);
  const typed = wanted.trim();
  const shown = uuid.test(typed)
    ? [
        {
          id: typed,
          group: "Run",
          label: `Open run ${typed}`,
          act: () => {
            close();
            void navigate({ to: "/runs/$runId", params: { runId: typed } });
          },
        },
      ]
    : shownCommands(commands, typed);
  const current = Math.min(at, shown.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && shown.length > 0) {
      event.preventDefault();
      const next = (current + step + shown.length) % shown.length;
      setAt(next);
      document.getElementById(`${listId} ${next}`)?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter") {
      event.preventDefault();
      shown[current]?.act();
    }
  };
  return (
    <>
      <input
        className={classes.input}
        placeholder="Go to a page, a sweep, a run by its id …"
        role="combobox"
        aria-label="Command"
        aria-expanded={shown.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown.length > 0 ? `${listId} ${current}` : undefined}
        data-autofocus
        value={wanted}
        onChange={(event) => {
          setWanted(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      {shown.length === 0 ? <p className={classes.nothing}>Nothing is called that.</p> : null}
      <div role="listbox" id={listId} aria-label="Commands" className={classes.list}>
        {shown.map((command, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the input keeps the focus and names the active option
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the input
          <div
            key={command.id}
            id={`${listId} ${index}`}
            role="option"
            aria-selected={index === current}
            className={classes.option}
            onClick={command.act}
            onMouseMove={() => setAt(index)}
          >
            <span className={classes.group}>{command.group}</span>
            <span className={classes.label}>{command.label}</span>
            {command.hint ? <span className={classes.hint}>{command.hint}</span> : null}
          </div>
        ))}
      </div>
    </>
  );
}

/** Everything that has a name, by typing some of it. */
export function CommandPalette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      size={600}
      padding={0}
      yOffset="12vh"
      transitionProps={{ duration: 80 }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label="Command palette">
        <Modal.Body>
          <Palette close={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
