import type { RunDetail } from "@reprise/contracts";
import { Section } from "../../shared/ui/section.js";

/** What somebody, or `reprise locate`, noted of the run. */
export function RunNotes({ run }: { run: RunDetail }) {
  if (run.notes === "") return null;
  return (
    <Section title="Notes">
      <p style={{ whiteSpace: "pre-wrap" }}>{run.notes}</p>
    </Section>
  );
}
