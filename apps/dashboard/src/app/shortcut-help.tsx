import { Modal } from "@mantine/core";
import { places } from "./places.js";
import classes from "./shortcut-help.module.css";

const keys: readonly (readonly [string, string])[] = [
  ["Ctrl K or ⌘ K", "Command palette: pages, sweeps, presets, runs by id"],
  ...places.map(({ key, label }) => [`g ${key}`, label] as const),
  ["arrows", "Within the digest strip: from run to run; Enter opens it"],
  ["Esc", "Close what is open"],
  ["?", "This list"],
];

export function ShortcutHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size={480}>
      <dl className={classes.keys}>
        {keys.map(([key, meaning]) => (
          <div key={key} style={{ display: "contents" }}>
            <dt>{key}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
