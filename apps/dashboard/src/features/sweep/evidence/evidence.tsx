import { Tabs } from "@mantine/core";
import { armsOf, type Sweep } from "@reprise/contracts";
import type { Brushes } from "../../../shared/charts/parallel-axes.js";
import { useNearView, WhenNear } from "../../../shared/ui/near-view.js";
import { useNarrow } from "../../../shared/ui/use-narrow.js";
import { AgreementSection } from "./cases/agreement-section.js";
import { CalibrationSection } from "./cases/calibration-section.js";
import { ClassConfusionSection } from "./cases/class-confusion-section.js";
import { ClassificationSection } from "./cases/classification-section.js";
import { ConfusionSection } from "./cases/confusion-section.js";
import { DecisionSection } from "./cases/decision-section.js";
import { InstabilitySection } from "./cases/instability-section.js";
import { ReadersSection } from "./cases/readers-section.js";
import { RocSection } from "./cases/roc-section.js";
import { SubgroupSection } from "./cases/subgroup-section.js";
import { EnergySection } from "./cost/energy-section.js";
import { RuntimeSection } from "./cost/runtime-section.js";
import classes from "./evidence.module.css";
import { HyperparameterSection } from "./hyperparameters/hyperparameter-section.js";
import { ParallelSection } from "./hyperparameters/parallel-section.js";
import { PublishedSection } from "./published/published-section.js";
import { SpreadSection } from "./spread/spread-section.js";
import { ComparisonSection } from "./tests/comparison-section.js";
import { ConfigurationsSection } from "./tests/configurations-section.js";
import { ExtremesSection } from "./tests/extremes-section.js";
import { SequentialSection } from "./tests/sequential-section.js";
import { SimilaritySection } from "./weights/similarity-section.js";
import { ZeroShotSection } from "./zero-shot/zero-shot-section.js";

const zeroShot = { value: "zero-shot", label: "Zero-shot" } as const;
const views = [
  { value: "tests", label: "Tests" },
  { value: "cases", label: "Cases" },
  { value: "weights", label: "Weights" },
  { value: "cost", label: "Cost" },
  { value: "spread", label: "Sources of spread" },
  { value: "hyperparameters", label: "Hyperparameters" },
  { value: "published", label: "Published" },
] as const;

export type EvidenceSearch = {
  view: string;
  cell: string;
  question: string;
  arm: string;
  words: "" | "on" | "off";
  roc: "" | "whole" | "corner";
  brush: Brushes;
  published: string;
};

/** What stands behind the answer, a group of questions per tab; only the open one is read from the server. */
export function Evidence({
  sweep,
  metric,
  search,
  onSearch,
}: {
  sweep: Sweep;
  metric: string | undefined;
  search: EvidenceSearch;
  onSearch: (change: Partial<EvidenceSearch>) => void;
}) {
  // What a contrastive study is about stands first.
  const own = sweep.spec.task === "contrastive" ? [zeroShot, ...views] : views;
  const first = own[0].value;
  const view = own.find(({ value }) => value === search.view)?.value ?? first;
  const place = useNearView();
  const narrow = useNarrow();
  const asked = {
    sweepId: sweep.id,
    question: search.question,
    onQuestion: (question: string) => onSearch({ question }),
    arm: search.arm,
    onArm: (arm: string) => onSearch({ arm }),
  };
  const choice = { cell: search.cell, onCell: (cell: string) => onSearch({ cell }) };
  return (
    <Tabs
      className={classes.tabs}
      value={view}
      keepMounted={false}
      onChange={(next) => onSearch({ view: next === first || next === null ? "" : next })}
    >
      <Tabs.List className={classes.list} aria-label="Evidence">
        {own.map(({ value, label }) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <WhenNear view={place} height={900}>
        {first === zeroShot.value ? (
          <Tabs.Panel value={zeroShot.value}>
            <ZeroShotSection sweep={sweep} />
            <ClassConfusionSection {...asked} {...choice} />
          </Tabs.Panel>
        ) : null}
        <Tabs.Panel value="tests">
          <SequentialSection sweep={sweep} />
          {armsOf(sweep.spec).length > 1 ? (
            <ComparisonSection
              sweep={sweep}
              metric={metric}
              words={search.words === "" ? narrow : search.words === "on"}
              onWords={(words) => onSearch({ words: words === narrow ? "" : words ? "on" : "off" })}
            />
          ) : null}
          <ConfigurationsSection sweepId={sweep.id} metric={metric} />
          <ExtremesSection sweepId={sweep.id} metric={metric} />
        </Tabs.Panel>
        <Tabs.Panel value="cases">
          <ClassificationSection
            sweep={sweep}
            question={search.question}
            onQuestion={(question) => onSearch({ question })}
          />
          <RocSection sweep={sweep} asked={search.roc} onView={(roc) => onSearch({ roc })} />
          <ConfusionSection sweep={sweep} question={search.question} {...choice} />
          {first === zeroShot.value ? null : <ClassConfusionSection {...asked} {...choice} />}
          <ReadersSection sweep={sweep} />
          <CalibrationSection sweep={sweep} />
          <DecisionSection sweep={sweep} />
          <SubgroupSection sweep={sweep} />
          <InstabilitySection sweep={sweep} />
          <AgreementSection sweep={sweep} {...choice} />
        </Tabs.Panel>
        <Tabs.Panel value="weights">
          <SimilaritySection sweep={sweep} />
        </Tabs.Panel>
        <Tabs.Panel value="cost">
          <RuntimeSection sweep={sweep} />
          <EnergySection sweep={sweep} />
        </Tabs.Panel>
        <Tabs.Panel value="spread">
          <SpreadSection sweep={sweep} metric={metric} />
        </Tabs.Panel>
        <Tabs.Panel value="hyperparameters">
          <HyperparameterSection sweep={sweep} metric={metric} />
          <ParallelSection
            sweep={sweep}
            metric={metric}
            brushed={search.brush}
            onBrushed={(brush) => onSearch({ brush })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="published">
          <PublishedSection
            sweep={sweep}
            metric={metric}
            published={search.published}
            onPublished={(published) => onSearch({ published })}
          />
        </Tabs.Panel>
      </WhenNear>
    </Tabs>
  );
}
