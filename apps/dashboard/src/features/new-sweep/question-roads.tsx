import type { MetricInfo, SweepPreview } from "@reprise/contracts";
import { useMemo } from "react";
import { count, metricDifference } from "../../shared/format/numbers.js";
import { roughly } from "../../shared/format/time.js";
import { ChoiceCard } from "./choice-card.js";
import type { Announced, Draft } from "./draft.js";
import { errorSentence } from "./error-words.js";
import classes from "./question-roads.module.css";
import { alongRoad, comparesConfigurations, isOnRoad, type Road, roads } from "./roads.js";
import { usePreview } from "./use-preview.js";
import { readSpec } from "./yaml-spec.js";

/** The smallest effect that the plan would usually find, as the road's question has it. */
function sightWords(preview: SweepPreview, { finds }: Road, metrics: readonly MetricInfo[]): string | null {
  const found = preview.estimates?.detectable.filter(({ contrast }) => contrast === finds).at(-1);
  if (!found) return null;
  const unit = metrics.find(({ key }) => key === found.metric)?.unit ?? "";
  const inSd = `${found.shiftInSd.toFixed(1)} SD`;
  const size = found.sd && found.shift !== null ? metricDifference(found.shift, unit) : inSd;
  if (finds === "mode") return `It usually detects shifts of ${size} or more.`;
  if (finds === "configuration") return `It usually detects differences of ${size} or more.`;
  return `It usually detects seeds whose SD is at least ${found.shiftInSd.toFixed(1)} times that of execution.`;
}

function RoadButton({
  road,
  text,
  draft,
  announced,
  onChoose,
}: {
  road: Road;
  text: string;
  draft: Draft;
  announced: Announced;
  onChoose: (text: string) => void;
}) {
  const along = useMemo(() => alongRoad(text, road, draft, announced), [text, road, draft, announced]);
  const read = useMemo(() => readSpec(along), [along]);
  const { preview, errors, isCounting } = usePreview(read);
  const first = errors[0];
  const lacksChoice = road.finds === "configuration" && !comparesConfigurations(draft);
  return (
    <ChoiceCard title={road.question} pressed={isOnRoad(road, draft)} onChoose={() => onChoose(along)}>
      <span>{road.answer}</span>
      <span className={`${classes.cost} num`} data-settling={isCounting || undefined}>
        {preview && !first
          ? `${count(preview.runCount, "run")}${preview.estimatedMs === null ? "" : `, ${roughly(preview.estimatedMs)}`}. ${sightWords(preview, road, announced.metrics) ?? ""}`
          : null}
        {first ? errorSentence(first) : null}
        {lacksChoice ? " Nothing is varied yet: there is one configuration only." : null}
      </span>
    </ChoiceCard>
  );
}

/** Three questions, each with the design that answers it, what that costs and what it could see. */
export function QuestionRoads(parts: {
  text: string;
  draft: Draft;
  announced: Announced;
  onChoose: (text: string) => void;
}) {
  return (
    <fieldset className={classes.roads}>
      <legend>What do I want to know?</legend>
      <p className="small dim">Each fills in arms, seeds and plan; all of it can be changed below.</p>
      <div className={classes.choices}>
        {roads.map((road) => (
          <RoadButton key={road.question} road={road} {...parts} />
        ))}
      </div>
    </fieldset>
  );
}
