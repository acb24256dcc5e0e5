import { Drawer, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { IconCommand } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import classes from "./more-sheet.module.css";
import { places, placesInBar } from "./places.js";
import { schemes } from "./theme-switch.js";

/** What the bar of a narrow screen has no room for. */
export function MoreSheet({
  opened,
  onClose,
  onFind,
  here,
}: {
  opened: boolean;
  onClose: () => void;
  onFind: () => void;
  here: string;
}) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="bottom"
      size={420}
      title="More"
      closeButtonProps={{ "aria-label": "Close", size: "xl" }}
    >
      <nav aria-label="Further pages" className={classes.sheet}>
        {places.slice(placesInBar).map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            className={classes.sheetItem}
            activeProps={{}}
            aria-current={here === to ? "page" : undefined}
            onClick={onClose}
          >
            <Icon size={20} stroke={1.6} aria-hidden />
            {label}
          </Link>
        ))}
      </nav>
      <button type="button" className={classes.sheetItem} onClick={onFind}>
        <IconCommand size={20} stroke={1.6} aria-hidden />
        Find anything
      </button>
      <p className={classes.sheetLabel} id="sheet-theme">
        Colour theme
      </p>
      <SegmentedControl
        fullWidth
        size="md"
        aria-labelledby="sheet-theme"
        value={colorScheme}
        onChange={(value) =>
          setColorScheme(schemes.find((scheme) => scheme.value === value)?.value ?? "auto")
        }
        data={schemes.map(({ value, label }) => ({ value, label }))}
      />
    </Drawer>
  );
}
