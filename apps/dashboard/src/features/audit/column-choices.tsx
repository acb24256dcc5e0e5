import { NativeSelect } from "@mantine/core";
import { columnRoles, columnUnits } from "@reprise/contracts";
import { DataTable } from "../../shared/ui/data-table.js";
import classes from "./column-choices.module.css";
import type { ColumnChoice } from "./columns.js";
import { roleWords } from "./role-words.js";

/** What each column of the pasted table is. */
export function ColumnChoices({
  columns,
  onChange,
}: {
  columns: readonly ColumnChoice[];
  onChange: (key: string, part: Partial<ColumnChoice>) => void;
}) {
  return (
    <DataTable
      label="Columns"
      rows={columns}
      keyOf={(column) => column.key}
      columns={[
        {
          key: "key",
          header: "Column",
          cell: (column) => <span className={classes.key}>{column.key}</span>,
        },
        {
          key: "role",
          header: "Role",
          cell: (column) => (
            <NativeSelect
              size="xs"
              miw={150}
              aria-label={`Role of ${column.key}`}
              value={column.role}
              data={columnRoles.map((role) => ({ value: role, label: roleWords[role] }))}
              onChange={(event) => {
                const role = columnRoles.find((known) => known === event.currentTarget.value);
                if (role) onChange(column.key, { role });
              }}
            />
          ),
        },
        {
          key: "unit",
          header: "Unit",
          cell: (column) => (
            <NativeSelect
              size="xs"
              miw={96}
              aria-label={`Unit of ${column.key}`}
              value={column.unit}
              data={[...columnUnits]}
              onChange={(event) => {
                const unit = columnUnits.find((known) => known === event.currentTarget.value);
                if (unit) onChange(column.key, { unit });
              }}
            />
          ),
        },
        {
          key: "of",
          header: "Change of, relative to",
          cell: (column) =>
            column.role === "relativeChange" ? (
              <span className={classes.change}>
                {(["value", "base"] as const).map((side) => (
                  <NativeSelect
                    key={side}
                    size="xs"
                    miw={96}
                    aria-label={`${side === "value" ? "Changed" : "Base"} column of ${column.key}`}
                    value={column[side]}
                    data={["", ...columns.map(({ key }) => key).filter((key) => key !== column.key)]}
                    onChange={(event) => onChange(column.key, { [side]: event.currentTarget.value })}
                  />
                ))}
              </span>
            ) : null,
        },
      ]}
    />
  );
}
