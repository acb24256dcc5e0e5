import type { ZeroShotConfiguration, ZeroShotSummary } from "@reprise/contracts";
import type { PublishedPoint } from "../../../../shared/charts/published-points.js";
import { finiteOrNull } from "../../../../shared/format/numbers.js";

export const drawnRates = ["accuracy", "sensitivity", "specificity"] as const;

export type DrawnRate = (typeof drawnRates)[number];

/** Experiments that fit side by side; more become further panels. */
const widest = 8;

type Panel = { title: string; rate: DrawnRate; points: PublishedPoint[] };

const inPercent = (value: Parameters<typeof finiteOrNull>[0]) => {
  const number = finiteOrNull(value);
  return number === null ? null : number * 100;
};

function pointsOf(configuration: ZeroShotConfiguration, rate: DrawnRate, label: string): PublishedPoint[] {
  return configuration.figures
    .filter((figure) => figure.rate === rate)
    .map(({ question, mean, values, interval, published }): PublishedPoint => {
      const middle = inPercent(mean);
      return {
        label,
        subject: question,
        published: published === null ? null : published.value * 100,
        measured:
          middle === null
            ? null
            : {
                mean: middle,
                low: inPercent(interval?.low),
                high: inPercent(interval?.high),
                runs: values.flatMap((value) => inPercent(value) ?? []),
              },
      };
    });
}

/** The study's own sets where it has them, else as many configurations as fit side by side. */
function groupsOf({
  configurations,
}: ZeroShotSummary): { title: string; members: ZeroShotConfiguration[] }[] {
  const sets = [...new Set(configurations.map(({ set }) => set))];
  if (sets.some((set) => set !== null)) {
    return sets.map((set, index) => ({
      title: set === null ? "in no published set" : `(${"abcd"[index] ?? index + 1}) Set ${set}`,
      members: configurations.filter((configuration) => configuration.set === set),
    }));
  }
  const panels = Math.ceil(configurations.length / widest);
  const each = Math.ceil(configurations.length / panels);
  return Array.from({ length: panels }, (_, index) => ({
    title: "",
    members: configurations.slice(index * each, (index + 1) * each),
  }));
}

export function panelsOf(summary: ZeroShotSummary, rates: readonly DrawnRate[]): Panel[] {
  const severalArms = new Set(summary.configurations.map(({ arm }) => arm)).size > 1;
  return groupsOf(summary).flatMap(({ title, members }) =>
    rates.map((rate) => ({
      title: title || rate,
      rate,
      points: members.flatMap((configuration) => {
        const { configurationLabel, arm } = configuration;
        return pointsOf(
          configuration,
          rate,
          severalArms ? `${configurationLabel} ${arm}` : configurationLabel,
        );
      }),
    })),
  );
}
