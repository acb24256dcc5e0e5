import type { PresetDeviation } from "@reprise/contracts";
import { DataTable } from "./data-table.js";
import classes from "./deviations.module.css";

/** What a preset does otherwise than the published study that it follows, side by side. */
export function Deviations({ items, lead }: { items: readonly PresetDeviation[]; lead: string }) {
  return (
    <div className={classes.deviations}>
      <p className="dim small">{lead}</p>
      {items.length === 0 ? null : (
        <DataTable
          label="Deviations from the published study"
          rows={items}
          keyOf={(item) => item.what}
          columns={[
            { key: "what", header: "What", cell: (item) => item.what },
            {
              key: "paper",
              header: "Published",
              cell: (item) => <span className={classes.words}>{item.paper}</span>,
            },
            {
              key: "here",
              header: "Here",
              cell: (item) => <span className={classes.words}>{item.here}</span>,
            },
          ]}
        />
      )}
    </div>
  );
}
