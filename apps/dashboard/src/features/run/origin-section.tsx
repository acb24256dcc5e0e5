import { formatLabels, type RunDetail } from "@reprise/contracts";
import { IconDatabaseImport } from "@tabler/icons-react";
import { count } from "../../shared/format/numbers.js";
import { Disclosures } from "./disclosures.js";
import classes from "./origin-section.module.css";

type Origin = NonNullable<RunDetail["origin"]>;

/** What the source says of the run beside its settings and metrics. */
function factsOf({ id, status, attempts, host, gitCommit, precision, beside }: Origin): [string, string][] {
  return [
    ["Id in the source", id],
    ["Status in the source", status],
    ...(attempts > 1 ? [["Started", `${attempts} times`] as [string, string]] : []),
    ...(host === null ? [] : [["Host", host] as [string, string]]),
    ...(gitCommit === null ? [] : [["Git commit", gitCommit] as [string, string]]),
    ["Values stored as", precision === "float32" ? "float32 (seven digits)" : "float64"],
    ...Object.entries(beside).map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ];
}

/** Artifacts that are named; the files themselves stay where they are. */
const mostArtifacts = 20;

/** Of a run that another tracker recorded: which of its runs it is, and what was remarked when it was read. */
export function OriginSection({ origin }: { origin: Origin }) {
  const { format, name, location, remarks, artifacts } = origin;
  return (
    <section className={classes.origin} aria-label="Where the run comes from">
      <p>
        <strong>Imported</strong> from {formatLabels[format]}: <span className="mono">{name}</span>, read from{" "}
        <span className="mono">{location}</span>. Everything is as the tracker reported it; Reprise observed
        none of it.
      </p>
      <Disclosures
        label="What was remarked when it was read"
        lines={remarks}
        icon={<IconDatabaseImport size={15} stroke={1.6} aria-hidden />}
      />
      <details>
        <summary>What the source holds beside settings and metrics</summary>
        <dl className={classes.facts}>
          {factsOf(origin).map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd className="mono">{value === "" ? "(empty)" : value}</dd>
            </div>
          ))}
        </dl>
        {artifacts.length > 0 ? (
          <p className="small">
            {count(artifacts.length, "artifact")} not copied: {artifacts.slice(0, mostArtifacts).join(", ")}
            {artifacts.length > mostArtifacts ? ` and ${count(artifacts.length - mostArtifacts)} more` : ""}.
          </p>
        ) : null}
      </details>
    </section>
  );
}
