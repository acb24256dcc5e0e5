import { type Evidence, isOtherwise, type RunDetail } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { runEvidenceQuery } from "../../shared/api/run-queries.js";
import { ClaimsTable } from "../../shared/ui/claims-table.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { Disclosures } from "./disclosures.js";
import { LearningRates } from "./learning-rates.js";
import { LocatedSection } from "./located-section.js";
import { SettingsTable } from "./settings-table.js";

/** What somebody saw of the process: how much, what was not as requested or as logged, and what could not be seen. */
function Seen({ run, evidence }: { run: RunDetail; evidence: Evidence }) {
  const { coverage, arm, gaps } = evidence;
  const departed = run.observed.filter(isOtherwise);
  const misreported = run.observed.filter(({ departure }) => departure?.kind === "misreported");
  const others = run.observed.filter(({ departure }) => departure === null);
  const ranks = coverage.ranks.length > 1 ? ` Processes by rank: ${coverage.ranks.join(", ")}.` : "";
  return (
    <>
      <Section
        title="Did it run as requested?"
        lead={
          <>
            {coverage.sentence}
            {ranks}{" "}
            {arm.held === false
              ? "It is not evidence for its arm."
              : arm.held
                ? arm.reason
                : coverage.level === "none"
                  ? ""
                  : (coverage.lastStep ?? 0) === 0
                    ? "No step of training was seen: whether the run trained as its arm asks is not known."
                    : "No observation departs from what was requested or from the one before. What happened between observations is unknown."}
          </>
        }
      >
        {departed.length > 0 ? <SettingsTable label="Not as requested" settings={departed} /> : null}
      </Section>
      {misreported.length > 0 ? (
        <Section
          title="Did it use what it logs?"
          lead="Nobody requested these values: the program logs them of itself, and its optimizers had others. This says nothing against the run's arm."
        >
          <SettingsTable label="Logged otherwise than used" settings={misreported} wish="Logged" />
        </Section>
      ) : null}
      <LearningRates runId={run.id} observed={evidence.observed} />
      {others.length > 0 ? (
        <Section
          title="What did its process use?"
          lead="Settings, seeds, loaders, and the values of every optimizer, over the steps at which they were looked at."
        >
          <SettingsTable label="Settings over time" settings={others} />
        </Section>
      ) : null}
      <LocatedSection run={run} divergence={evidence.divergence} />
      {gaps.length > 0 ? (
        <Section
          title="What could not be seen?"
          lead="This limits what is known about the run; its result is not affected."
        >
          <Disclosures
            label="Gaps"
            lines={gaps.map(
              ({ what, reason, step }) => `${what}${step === null ? "" : ` (step ${step})`}: ${reason}`,
            )}
          />
        </Section>
      ) : null}
    </>
  );
}

/** What was seen of a run's process, and how everything that is said of it is known. */
export function EvidencePanel({ run }: { run: RunDetail }) {
  const evidence = useQuery(runEvidenceQuery(run.id));
  return (
    <>
      <QueryView query={evidence} height={320} label="Loading the evidence">
        {(data) => <Seen run={run} evidence={data} />}
      </QueryView>
      <Section
        title="How is it known?"
        lead="Requested: by the specification. Reported: by the training program. Observed: by Reprise's code inside the training process. Verified: by repeating."
      >
        <ClaimsTable claims={run.claims} />
      </Section>
    </>
  );
}
