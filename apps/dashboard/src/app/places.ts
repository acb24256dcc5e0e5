import {
  IconArrowsDiff,
  IconBook2,
  IconCpu,
  IconFileImport,
  IconFlask2,
  IconListSearch,
  IconSettings,
  IconSquareRoundedPlus,
  IconTable,
  IconVocabulary,
} from "@tabler/icons-react";

/** The left rail, in its order. `key` after `g` goes there. */
export const places = [
  { to: "/", label: "Sweeps", icon: IconFlask2, key: "s" },
  { to: "/sweeps/new", label: "New sweep", icon: IconSquareRoundedPlus, key: "n" },
  { to: "/runs", label: "Runs", icon: IconTable, key: "r" },
  { to: "/compare", label: "Compare", icon: IconArrowsDiff, key: "c" },
  { to: "/import", label: "Import", icon: IconFileImport, key: "i" },
  { to: "/references", label: "References", icon: IconBook2, key: "f" },
  { to: "/audit", label: "Audit", icon: IconListSearch, key: "a" },
  { to: "/glossary", label: "Glossary", icon: IconVocabulary, key: "l" },
  { to: "/workers", label: "Workers", icon: IconCpu, key: "w" },
  { to: "/settings", label: "Settings", icon: IconSettings, key: "," },
] as const;

/** So many of them stand in the bar of a narrow screen; the others behind "More". */
export const placesInBar = 4;

/** The place under which an address stands: sweeps and their runs under "Sweeps". */
export function placeOf(path: string): string {
  if (places.some(({ to }) => to === path)) return path;
  if (path.startsWith("/references/")) return "/references";
  return path.startsWith("/sweeps/") || path.startsWith("/runs/") ? "/" : "";
}
