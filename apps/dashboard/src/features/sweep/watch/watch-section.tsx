import type { Sweep } from "@reprise/contracts";
import { count } from "../../../shared/format/numbers.js";
import { Section } from "../../../shared/ui/section.js";
import { FailuresList } from "./failures-list.js";
import { WorkerLanes } from "./worker-lanes.js";

/** While the sweep is open: who trains what. As long as runs have failed: why. Otherwise nothing. */
export function WatchSection({ sweep }: { sweep: Sweep }) {
  const open = sweep.status === "running" || sweep.status === "queued" || sweep.status === "paused";
  const { failed } = sweep.runCounts;
  return (
    <>
      {open && sweep.startedAt ? (
        <Section title="What is being trained?">
          <WorkerLanes sweep={sweep} />
        </Section>
      ) : null}
      {failed > 0 ? (
        <Section
          title={`Why did ${count(failed, "run")} fail?`}
          lead="By cause. Failed runs count in no analysis; everything else stands."
        >
          <FailuresList sweep={sweep} />
        </Section>
      ) : null}
    </>
  );
}
