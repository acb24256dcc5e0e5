import { Checkbox, MultiSelect, SegmentedControl, Select } from "@mantine/core";
import {
  type ImportDecisions,
  type ImportPreview,
  type ImportQuestion,
  noiseSources,
} from "@reprise/contracts";
import type { ReactNode } from "react";
import classes from "./questions.module.css";

type Props = {
  preview: ImportPreview;
  decisions: ImportDecisions;
  onChange: (change: Partial<ImportDecisions>) => void;
};

const none = "— none —";
const sourceWords: Record<(typeof noiseSources)[number], string> = {
  init: "initial weights",
  dataOrder: "order of the data",
  augmentation: "augmentation",
  dropout: "dropout",
  split: "split",
};

function SeedAnswer({ preview: { proposal }, decisions, onChange }: Props) {
  const drives = decisions.drives ?? [...noiseSources];
  return (
    <>
      <Select
        label="Seed column"
        size="xs"
        searchable
        allowDeselect={false}
        data={[none, ...proposal.available]}
        value={proposal.seed ?? none}
        onChange={(value) => onChange({ seed: value === none ? null : value })}
      />
      {proposal.seed === null ? null : (
        <MultiSelect
          label="It decides"
          size="xs"
          data={noiseSources.map((value) => ({ value, label: sourceWords[value] }))}
          value={drives}
          onChange={(values) =>
            onChange({ drives: noiseSources.filter((source) => values.includes(source)) })
          }
        />
      )}
    </>
  );
}

function ArmAnswer({ preview: { proposal }, onChange }: Props) {
  const { arm, arms } = proposal;
  const claims = arms.filter(({ deterministic }) => deterministic).map(({ value }) => value);
  return (
    <>
      <Select
        label="Arm column"
        size="xs"
        searchable
        allowDeselect={false}
        data={[none, ...proposal.available.filter((name) => !name.startsWith("name["))]}
        value={arm ?? none}
        onChange={(value) => onChange({ arm: value === none || value === null ? null : { column: value } })}
      />
      {arms.map(({ name, value, deterministic }) => (
        <Checkbox
          key={name}
          size="xs"
          label={`${arm ? `${arm} = ${String(value)}` : "all runs"}: claimed to be deterministic`}
          checked={deterministic}
          onChange={({ currentTarget: { checked } }) =>
            onChange(
              arm
                ? {
                    arm: {
                      column: arm,
                      deterministic: checked ? [...claims, value] : claims.filter((other) => other !== value),
                    },
                  }
                : { deterministic: checked },
            )
          }
        />
      ))}
    </>
  );
}

function ConfigurationAnswer({ preview: { proposal }, onChange }: Props) {
  const able = proposal.columns.filter(
    ({ role, distinct }) => role !== "seed" && role !== "arm" && distinct > 1,
  );
  return (
    <MultiSelect
      label="Configuration columns"
      size="xs"
      searchable
      data={able.map(({ name }) => name)}
      value={proposal.configuration}
      onChange={(configuration) => onChange({ configuration })}
    />
  );
}

/** One of a few answers, under what it is about. */
function Choice({
  label,
  isOpen = false,
  ...control
}: {
  label: string;
  /** Nothing is proposed: somebody must say it. */
  isOpen?: boolean;
  data: { value: string; label: string }[];
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <div>
      <p className={classes.label}>
        {label}
        {isOpen ? ": say it" : ""}
      </p>
      <SegmentedControl size="xs" aria-label={label} {...control} />
    </div>
  );
}

const keepOrLeave = [
  { value: "leave-out", label: "Leave out" },
  { value: "keep", label: "Keep in the analyses" },
];

function RunsAnswer({ decisions, onChange }: Props) {
  const asChoice = (value: string) => (value === "keep" ? "keep" : "leave-out");
  return (
    <>
      <Choice
        label="Stopped, unfinished and doubtful runs"
        data={keepOrLeave}
        value={decisions.unfinished ?? "leave-out"}
        onChange={(value) => onChange({ unfinished: asChoice(value) })}
      />
      <Choice
        label="Runs with NaN or infinite values"
        data={keepOrLeave}
        value={decisions.diverged ?? "keep"}
        onChange={(value) => onChange({ diverged: asChoice(value) })}
      />
    </>
  );
}

function MetricAnswer({ preview: { proposal, found }, onChange }: Props) {
  const { metric } = proposal;
  const change = (part: Partial<NonNullable<typeof metric>>) => {
    const { name, direction, at } = { name: "", direction: null, at: "last" as const, ...metric, ...part };
    if (name !== "") onChange({ metric: { name, direction: direction ?? "maximize", at } });
  };
  return (
    <>
      <Select
        label="Metric"
        size="xs"
        searchable
        allowDeselect={false}
        data={found.metrics.map(({ name }) => name)}
        value={metric?.name ?? null}
        onChange={(name) => change({ name: name ?? "", direction: null })}
      />
      <Choice
        label="Direction"
        isOpen={metric?.direction === null}
        data={[
          { value: "maximize", label: "Larger is better" },
          { value: "minimize", label: "Smaller is better" },
        ]}
        value={metric?.direction ?? ""}
        onChange={(value) => change({ direction: value === "minimize" ? "minimize" : "maximize" })}
      />
      <Choice
        label="Value of a run"
        data={[
          { value: "last", label: "Last" },
          { value: "best", label: "Best epoch" },
        ]}
        value={metric?.at ?? "last"}
        onChange={(value) => change({ at: value === "best" ? "best" : "last" })}
      />
    </>
  );
}

function CommitAnswer({ decisions, onChange }: Props) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Studies"
      data={[
        { value: "one", label: "One study" },
        { value: "several", label: "One for each commit" },
      ]}
      value={decisions.commits ?? "one"}
      onChange={(value) => onChange({ commits: value === "several" ? "several" : "one" })}
    />
  );
}

const answers: Record<ImportQuestion["id"], (props: Props) => ReactNode> = {
  seed: SeedAnswer,
  arm: ArmAnswer,
  configuration: ConfigurationAnswer,
  runs: RunsAnswer,
  metric: MetricAnswer,
  commits: CommitAnswer,
};

/** The questions of an import, each with what is proposed and a menu that changes it. */
export function Questions(props: Props) {
  return (
    <ol className={classes.questions}>
      {props.preview.proposal.questions.map(({ id, question, proposed }) => {
        const Answer = answers[id];
        return (
          <li key={id} className={classes.question}>
            <div>
              <h3>{question}</h3>
              <p className={classes.proposed}>{proposed}</p>
            </div>
            <div className={classes.answer}>
              <Answer {...props} />
            </div>
          </li>
        );
      })}
    </ol>
  );
}
