import { Button, NumberInput, Popover, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  armsOf,
  boundsOf,
  type Sweep,
  type SweepExtension,
  seedsOf,
  seedsOfText,
  sweep as sweepSchema,
} from "@reprise/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { callApi } from "../../shared/api/client.js";
import { count } from "../../shared/format/numbers.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";
import classes from "./extend-menu.module.css";

/** More seeds or repeats for a study that has begun; what has been trained stays. */
export function ExtendMenu({ sweep }: { sweep: Sweep }) {
  const queryClient = useQueryClient();
  const arms = armsOf(sweep.spec);
  const [opened, setOpened] = useState(false);
  const [seedText, setSeedText] = useState("");
  const [repeats, setRepeats] = useState<Record<string, number>>({});
  const extend = useMutation({
    mutationFn: (extension: Partial<SweepExtension>) =>
      callApi(sweepSchema, `/sweeps/${sweep.id}/extend`, { method: "POST", body: extension }),
    onSuccess: async (changed) => {
      notifications.show({
        message: changed.spec.design
          ? "The study goes on seed by seed."
          : `${count(changed.totalRuns - sweep.totalRuns, "run")} added and queued.`,
      });
      setOpened(false);
      setSeedText("");
      setRepeats({});
      await queryClient.invalidateQueries({ queryKey: ["sweep", sweep.id] });
    },
    onError: (error) => notifyRefused("Nothing was added", error, "The sweep is as it was."),
  });
  const read = seedsOfText(seedText);
  const seeds = "seeds" in read ? read.seeds : null;
  const known = seeds?.filter((seed) => sweep.spec.seeds.includes(seed)) ?? [];
  const seedError =
    "problem" in read
      ? `${read.problem.charAt(0).toUpperCase()}${read.problem.slice(1)}.`
      : known.length > 0
        ? `The study has seed ${known.join(", ")} already.`
        : null;
  const added = Object.fromEntries(Object.entries(repeats).filter(([, more]) => more > 0));
  const [most, setMost] = useState(Math.max(20, 2 * seedsOf(sweep.spec).length));
  const nothing = (seeds?.length ?? 0) === 0 && Object.keys(added).length === 0;
  const { design } = sweep.spec;
  // What is to be settled must have been fixed beforehand, and there must be error left to spend.
  const canGoOn = sweep.analysisPlanDigest !== null && (!design || boundsOf(design) === "anytime");
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-end" width={300}>
      <Popover.Target>
        <Button variant="default" size="xs" onClick={() => setOpened((now) => !now)}>
          Extend
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        {canGoOn ? (
          <form
            className={classes.extend}
            onSubmit={(event) => {
              event.preventDefault();
              extend.mutate({ sequential: { maxSeeds: most } });
            }}
          >
            <p className="small">
              {design
                ? "The study goes on seed by seed up to a larger maximum. Its bounds stay valid."
                : "Looked at the results already? Let the study go on seed by seed until the planned question is settled: its bounds hold however often you look."}
            </p>
            <NumberInput
              size="xs"
              label="Seeds at most"
              min={seedsOf(sweep.spec).length + 1}
              max={200}
              allowDecimal={false}
              value={most}
              onChange={(value) => setMost(Number(value) || most)}
            />
            <Button
              type="submit"
              size="xs"
              loading={extend.isPending}
              disabled={most <= seedsOf(sweep.spec).length}
            >
              Go on sequentially
            </Button>
          </form>
        ) : null}
        {design ? null : (
          <form
            className={classes.extend}
            onSubmit={(event) => {
              event.preventDefault();
              if (seeds !== null && seedError === null && !nothing) extend.mutate({ seeds, repeats: added });
            }}
          >
            <p className="small">
              Adds runs; those that exist stay as they are.{" "}
              {canGoOn
                ? ""
                : "If you add runs because of the results, tests reject more often than their nominal level."}
            </p>
            <TextInput
              size="xs"
              label="Further seeds"
              description="ranges and lists: 5-9, 42"
              placeholder={sweep.spec.seeds
                .map((seed) => seed + 1)
                .find((seed) => !sweep.spec.seeds.includes(seed))
                ?.toString()}
              value={seedText}
              error={seedError}
              onChange={(event) => setSeedText(event.currentTarget.value)}
              data-autofocus
            />
            {arms.map((arm) => (
              <NumberInput
                key={arm.name}
                size="xs"
                label={`Further repeats, ${arm.name}`}
                description={`${arm.repeats} per configuration and seed so far`}
                min={0}
                max={10_000}
                allowDecimal={false}
                value={repeats[arm.name] ?? 0}
                onChange={(value) => setRepeats({ ...repeats, [arm.name]: Number(value) || 0 })}
              />
            ))}
            <Button
              type="submit"
              size="xs"
              loading={extend.isPending}
              disabled={nothing || seedError !== null}
            >
              Add the runs
            </Button>
          </form>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
