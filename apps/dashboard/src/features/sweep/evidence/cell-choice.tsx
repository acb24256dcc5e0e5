import { NativeSelect } from "@mantine/core";
import type { Group } from "@reprise/contracts";

/** One configuration at one seed, as it stands in the address. */
export const cellKey = (group: Group) => `${group.configurationKey}.${group.seed}`;

/** Which configuration and seed a drawing is about; the first where the address names none that exists. */
export function CellChoice({
  label,
  groups,
  cell,
  onCell,
}: {
  label: string;
  groups: readonly Group[];
  cell: string;
  onCell: (cell: string) => void;
}) {
  if (groups.length < 2) return null;
  return (
    <NativeSelect
      size="xs"
      w={240}
      aria-label={label}
      value={cell}
      data={groups.map((group) => ({
        value: cellKey(group),
        label: `${group.configurationLabel} · seed ${group.seed}`,
      }))}
      onChange={(event) => onCell(event.currentTarget.value)}
    />
  );
}
