import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { sweepsQuery } from "../../shared/api/queries.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState } from "../../shared/ui/states.js";
import { QuickstartButton } from "./quickstart-button.js";
import { SweepCard } from "./sweep-card.js";
import classes from "./sweeps.module.css";

const isOpen = (status: string) => status === "running" || status === "queued";

function NoSweeps() {
  return (
    <EmptyState
      title="No sweep yet. The quickstart shows in a few minutes what Reprise is for."
      action={<QuickstartButton />}
    >
      <p>
        It trains the same small network on breast-cancer data again and again: two optimizers, two seeds,
        each twice with a fixed order of summation and five times in whatever order gradients arrive.
      </p>
      <ol>
        <li>Fixed-order repeats should end with one and the same digest.</li>
        <li>Free repeats show how far nothing but the order of additions moves the result.</li>
        <li>A verdict says which of the two you are looking at, and how it is known.</li>
      </ol>
    </EmptyState>
  );
}

export function SweepsPage() {
  const sweeps = useQuery({
    ...sweepsQuery,
    refetchInterval: (query) => (query.state.data?.some((sweep) => isOpen(sweep.status)) ? 2_000 : 10_000),
  });
  return (
    <>
      <PageTitle
        title="Sweeps"
        lead="Would this result happen again? Each sweep trains the same configurations over seeds, execution arms and repeats."
        action={
          sweeps.data?.length ? (
            <Button component={Link} to="/sweeps/new" leftSection={<IconPlus size={16} />}>
              New sweep
            </Button>
          ) : null
        }
      />
      <QueryView query={sweeps} height={420} label="Loading the sweeps">
        {(items) =>
          items.length === 0 ? (
            <NoSweeps />
          ) : (
            <ul className={classes.list} aria-label="Sweeps">
              {items.map((sweep) => (
                <SweepCard key={sweep.id} sweep={sweep} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </>
  );
}
