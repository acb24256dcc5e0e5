import { useMantineColorScheme } from "@mantine/core";
import { glossary, termAnchor } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { presetsQuery } from "../shared/api/catalogue-queries.js";
import { sweepsQuery } from "../shared/api/sweep-queries.js";
import { trainersQuery } from "../shared/api/worker-queries.js";
import { places } from "./places.js";
import { schemes } from "./theme-switch.js";

type Command = { id: string; group: string; label: string; hint?: string; act: () => void };

/** What the page Settings is for, in the words in which it is looked for. */
const settings = [
  { label: "Access tokens", hint: "who may do what" },
  { label: "Webhooks", hint: "tell other programs" },
  { label: "Sign out", hint: "this session" },
];

/** At most so many of a group are listed; typing finds the others. */
const maxPerGroup = 7;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Every word that was typed must occur. */
function matches(command: Command, wanted: string): boolean {
  const text = `${command.group} ${command.label} ${command.hint ?? ""}`.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function found(commands: readonly Command[], wanted: string): Command[] {
  const counts = new Map<string, number>();
  return commands.filter((command) => {
    if (!matches(command, wanted)) return false;
    const shown = (counts.get(command.group) ?? 0) + 1;
    counts.set(command.group, shown);
    return shown <= maxPerGroup;
  });
}

/** What can be done under the name that is typed; an id opens its run, whether it was read before or not. */
export function useCommands(typed: string): Command[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const sweeps = useQuery(sweepsQuery);
  const presets = useQuery(presetsQuery);
  const trainers = useQuery(trainersQuery).data ?? [];
  const here = useParams({ strict: false }).sweepId;
  const metrics = new Map(
    trainers.flatMap(({ capabilities }) => capabilities.metrics).map(({ key, label }) => [key, label]),
  );
  const hyperparameters = new Set(
    trainers.flatMap(({ capabilities }) => Object.keys(capabilities.hyperparameters)),
  );
  if (uuid.test(typed)) {
    const act = () => void navigate({ to: "/runs/$runId", params: { runId: typed } });
    return [{ id: typed, group: "Run", label: `Open run ${typed}`, act }];
  }
  const all: Command[] = [
    ...places.map(({ to, label, key }) => ({
      id: to,
      group: "Go to",
      label,
      hint: `g ${key}`,
      act: () => void navigate({ to }),
    })),
    ...(sweeps.data ?? []).map(({ id, name, status }) => ({
      id,
      group: "Sweep",
      label: name,
      hint: status,
      act: () => void navigate({ to: "/sweeps/$sweepId", params: { sweepId: id } }),
    })),
    ...(presets.data ?? []).map(({ name, title, runCount }) => ({
      id: `preset ${name}`,
      group: "New sweep from",
      label: title,
      hint: `${runCount} runs`,
      act: () => void navigate({ to: "/sweeps/new", search: { preset: name } }),
    })),
    ...glossary
      .flatMap(({ terms }) => terms)
      .map(({ term }) => ({
        id: `term ${term}`,
        group: "Word",
        label: term,
        act: () => void navigate({ to: "/glossary", hash: termAnchor(term) }),
      })),
    ...[...metrics].map(([metric, label]) => ({
      id: `metric ${metric}`,
      group: "Metric",
      label,
      hint: here ? "of this sweep" : "of all runs",
      act: () =>
        void (here
          ? navigate({ to: "/sweeps/$sweepId", params: { sweepId: here }, search: { metric } })
          : navigate({ to: "/runs", search: { metric } })),
    })),
    ...[...hyperparameters].sort().map((name) => ({
      id: `hyperparameter ${name}`,
      group: "Hyperparameter",
      label: name,
      hint: "group runs by it",
      act: () =>
        void navigate({
          to: "/runs",
          search: { by: `params.${name}`, value: "mean", ...(here ? { sweep: here } : {}) },
        }),
    })),
    ...settings.map(({ label, hint }) => ({
      id: `setting ${label}`,
      group: "Setting",
      label,
      hint,
      act: () => void navigate({ to: "/settings" }),
    })),
    ...schemes.map(({ value, label }) => ({
      id: `theme ${value}`,
      group: "Theme",
      label,
      act: () => setColorScheme(value),
    })),
  ];
  return found(all, typed);
}
