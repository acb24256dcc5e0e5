import { Button } from "@mantine/core";
import type { Preset, Sweep } from "@reprise/contracts";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { presetsQuery } from "../../shared/api/catalogue-queries.js";
import { count } from "../../shared/format/numbers.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { EmptyState, ErrorState, Placeholder } from "../../shared/ui/states.js";
import { byStudy } from "./by-study.js";
import { type SweepChoice, sweepPagesQuery } from "./queries.js";
import { QuickstartButton } from "./quickstart-button.js";
import { SweepCard } from "./sweep-card.js";
import { SweepFilters } from "./sweep-filters.js";
import classes from "./sweeps-page.module.css";

const route = getRouteApi("/");
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
        <li>Free repeats show how far the order of additions alone moves the result.</li>
        <li>A verdict says which of the two you are looking at, and how it is known.</li>
      </ol>
    </EmptyState>
  );
}

function Groups({ sweeps, presets }: { sweeps: readonly Sweep[]; presets: readonly Preset[] }) {
  const cards = (items: readonly Sweep[], ofStudy = false) =>
    items.map((sweep) => <SweepCard key={sweep.id} sweep={sweep} ofStudy={ofStudy} />);
  return (
    <ul className={classes.list} aria-label="Sweeps">
      {byStudy(sweeps, presets).map(({ study, sweeps: items }) =>
        study === null ? (
          cards(items)
        ) : (
          <li key={items[0]?.id} className={classes.study}>
            <h2>
              {study.title} <span className="dim">{count(items.length, "sweep")} of this study</span>
            </h2>
            <ul aria-label={study.title}>{cards(items, true)}</ul>
          </li>
        ),
      )}
    </ul>
  );
}

export function SweepsPage() {
  const choice = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery({
    ...sweepPagesQuery(choice),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(({ status }) => isOpen(status))) ? 2_000 : 10_000,
  });
  const presets = useQuery(presetsQuery);
  // Counts how often the fields were emptied from outside, so that they are drawn anew.
  const [cleared, setCleared] = useState(0);
  const sweeps = query.data?.pages.flatMap(({ items }) => items);
  const chosen = Object.values(choice).some((text) => text.trim() !== "");
  const tags = [...new Set([...(sweeps ?? []).flatMap((sweep) => sweep.tags)])].sort();
  const change = (next: Partial<SweepChoice>) =>
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true, resetScroll: false });
  const empty = sweeps?.length === 0 && !chosen;
  return (
    <>
      <PageTitle
        title="Sweeps"
        lead="Would this result happen again? Each sweep trains the same configurations over seeds, execution arms and repeats."
        action={
          sweeps === undefined || empty ? null : (
            <Button component={Link} to="/sweeps/new" leftSection={<IconPlus size={16} />}>
              New sweep
            </Button>
          )
        }
      />
      {sweeps === undefined || empty ? null : (
        <SweepFilters key={cleared} choice={choice} tags={tags} onChange={change} />
      )}
      {empty ? (
        <>
          <NoSweeps />
          <Button mt="md" variant="subtle" size="xs" onClick={() => change({ archived: "true" })}>
            Look among the archived sweeps
          </Button>
        </>
      ) : sweeps?.length === 0 ? (
        <EmptyState
          title="No sweep matches."
          action={
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                change({ name: "", status: "", tag: "", archived: "" });
                setCleared(cleared + 1);
              }}
            >
              Show all sweeps
            </Button>
          }
        >
          Loosen name, status or tag, or look among those that are not archived.
        </EmptyState>
      ) : sweeps ? (
        <div aria-busy={query.isPlaceholderData}>
          <Groups sweeps={sweeps} presets={presets.data ?? []} />
          {query.hasNextPage ? (
            <Button
              mt="md"
              variant="default"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              Show older sweeps
            </Button>
          ) : null}
        </div>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Placeholder height={420} label="Loading the sweeps" />
      )}
    </>
  );
}
