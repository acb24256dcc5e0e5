import type { MaintenanceTask } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Section } from "../../shared/ui/section.js";
import { maintenanceQuery } from "./queries.js";

const work: Record<MaintenanceTask["name"], string> = {
  "series-by-step":
    "Metric series of runs that an earlier version recorded are put into the order of their steps",
  divergence: "Runs that an earlier version recorded are searched for values that are NaN or infinite",
};

/** What the server still does to what an earlier version wrote; nothing once it is done. */
export function MaintenanceLine() {
  const { data } = useQuery(maintenanceQuery);
  const open = data?.filter(({ finishedAt }) => finishedAt === null) ?? [];
  return open.map(({ name, done, total, changed }) => (
    <Section
      key={name}
      title="What is still being put in order?"
      lead={`${work[name]}: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} runs looked at, ${changed.toLocaleString("en")} corrected. Until then figures of the others may still change.`}
    >
      <progress value={done} max={Math.max(1, total)} aria-label="Runs looked at" />
    </Section>
  ));
}
