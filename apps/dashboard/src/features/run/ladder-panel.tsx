import { NativeSelect } from "@mantine/core";
import type { RunDetail } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { runLadderQuery } from "../../shared/api/run-queries.js";
import { stripQuery } from "../../shared/api/sweep-queries.js";
import { Ladder } from "../../shared/charts/ladder.js";
import { doubleLadder, singleLadder } from "../../shared/charts/rungs.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { EmptyState } from "../../shared/ui/states.js";

/** The digests of a run from its configuration to its predictions, alone or beside another repeat. */
export function LadderPanel({
  run,
  otherId,
  onOther,
}: {
  run: RunDetail;
  /** The repeat that is set beside it; empty for none. */
  otherId: string;
  onOther: (id: string) => void;
}) {
  const ladder = useQuery(runLadderQuery(run.id));
  const other = useQuery({ ...runLadderQuery(otherId), enabled: otherId !== "" });
  const strip = useQuery({ ...stripQuery(run.sweepId ?? ""), enabled: run.sweepId !== null });
  const siblings = (strip.data ?? []).filter(
    (sibling) =>
      sibling.id !== run.id &&
      sibling.configurationKey === run.configurationKey &&
      sibling.seed === run.seed &&
      sibling.digest !== null,
  );
  return (
    <Section
      title="Up to where is it the same?"
      lead="Each rung is the digest of what was there: what went in at the top, every stretch of training, what came out at the bottom."
      aside={
        siblings.length > 0 ? (
          <NativeSelect
            size="xs"
            aria-label="Set beside"
            value={otherId}
            data={[
              { value: "", label: "alone" },
              ...siblings.map((sibling) => ({
                value: sibling.id,
                label: `beside ${sibling.arm} ${sibling.repeat + 1}`,
              })),
            ]}
            onChange={(event) => onOther(event.currentTarget.value)}
          />
        ) : null
      }
    >
      <QueryView query={ladder} height={420} label="Loading the ladder">
        {({ rungs }) =>
          rungs.length === 0 ? (
            <EmptyState title="No rung yet.">The ladder grows while the run trains.</EmptyState>
          ) : (
            <Ladder
              name={other.data ? "Digest ladders of two runs" : "Digest ladder"}
              rungs={other.data ? doubleLadder(rungs, other.data.rungs) : singleLadder(rungs)}
            />
          )
        }
      </QueryView>
    </Section>
  );
}
