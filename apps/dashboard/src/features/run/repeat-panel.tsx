import { Group } from "@mantine/core";
import type { RunDetail } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { EmptyState } from "../../shared/ui/states.js";
import { runVerificationsQuery } from "./queries.js";
import classes from "./repeat-panel.module.css";
import { VerificationCard } from "./verification-card.js";
import { VerifyButtons } from "./verify-buttons.js";

function nothingYet(run: RunDetail): { title: string; text: string } {
  if (run.purpose !== "study") {
    return {
      title: "This run is itself a repetition.",
      text: "It was trained to verify another run; the verdict is on that run's page.",
    };
  }
  if (run.status !== "succeeded") {
    return {
      title: "There is no result yet to repeat.",
      text: "A run that has succeeded can be trained again and compared with itself, rung by rung.",
    };
  }
  return {
    title: "This run has not been repeated yet.",
    text: "Verify trains it again as it was and compares the two to the bit. Other runs and the study are not touched: the repetition counts in no analysis.",
  };
}

/** Every time the run was trained again, with what came of it. */
export function RepeatPanel({ run }: { run: RunDetail }) {
  const query = useQuery({
    ...runVerificationsQuery(run.id),
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ status }) => status === "queued" || status === "running") ? 1_000 : 10_000,
  });
  return (
    <Section
      title="Does it happen again?"
      lead="The same configuration, seed and data once more, on whichever worker is free or on another one; then both ladders are compared rung by rung."
    >
      <QueryView query={query} height={240} label="Loading the verifications">
        {({ items, elsewhere }) => {
          const repeatable = run.status === "succeeded" && run.purpose === "study";
          const note =
            repeatable && elsewhere.refusal ? (
              <p className={classes.refusal}>
                <ServerText text={elsewhere.refusal} />
              </p>
            ) : null;
          if (items.length > 0)
            return (
              <>
                {note}
                {items.map((item, index) => (
                  <VerificationCard key={item.id} run={run} verification={item} open={index === 0} />
                ))}
              </>
            );
          const { title, text } = nothingYet(run);
          return (
            <EmptyState
              title={title}
              action={
                <Group gap="xs">
                  <VerifyButtons run={run} />
                </Group>
              }
            >
              {text}
              {note}
            </EmptyState>
          );
        }}
      </QueryView>
    </Section>
  );
}
