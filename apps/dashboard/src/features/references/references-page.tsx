import type { Preset, ReferenceList } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { presetsQuery, referencesQuery } from "../../shared/api/catalogue-queries.js";
import { count } from "../../shared/format/numbers.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { referenceAuditQuery } from "./queries.js";
import classes from "./references-page.module.css";

type Reference = ReferenceList["items"][number];

/** Presets are named after the study they repeat: "clip/all" is of clip-hyperparameters. */
function presetsOf({ name }: Reference, presets: readonly Preset[]): Preset[] {
  const parts = new Set(presets.flatMap((preset) => preset.parts));
  return presets.filter(
    (preset) =>
      preset.name.includes("/") &&
      name.startsWith(preset.name.split("/")[0] ?? "") &&
      !parts.has(preset.name),
  );
}

/** What does not add up in the printed tables, in one sentence. */
function AuditSentence({ name }: { name: string }) {
  const audit = useQuery(referenceAuditQuery(name));
  if (!audit.data) return <p className="dim small">Checking the printed figures …</p>;
  const errors = audit.data.findings.filter(({ severity }) => severity === "error").length;
  return (
    <p>
      <strong>{count(audit.data.findings.length, "finding")}</strong>
      {errors > 0 ? `, ${count(errors)} of them figures that are impossible as printed` : ""}.
    </p>
  );
}

function Study({ item, presets }: { item: Reference; presets: readonly Preset[] }) {
  const own = presetsOf(item, presets);
  return (
    <li>
      <Link to="/references/$paper" params={{ paper: item.name }} className={classes.title}>
        {item.title}
      </Link>
      <p className={classes.summary}>{item.summary}</p>
      <div className={classes.facets}>
        <div>
          <h3>What was printed?</h3>
          <ul>
            {item.tables.map((table) => (
              <li key={table.name}>
                {table.name} <span className="dim">{count(table.rows, "row")}</span>
                <span className={classes.sub}>{table.title}</span>
              </li>
            ))}
          </ul>
        </div>
        <div>
          <h3>What does not add up?</h3>
          <AuditSentence name={item.name} />
          <p className="dim small">{count(item.claims, "statement")} of the text checked against the rows.</p>
        </div>
        <div>
          <h3>Which presets repeat it?</h3>
          <ul>
            {own.map((preset) => (
              <li key={preset.name}>
                <Link to="/sweeps/new" search={{ preset: preset.name }}>
                  {preset.title}
                </Link>
                <span className={classes.sub}>
                  {preset.parts.length > 0 ? `${count(preset.parts.length, "sweep")}, ` : ""}
                  {count(preset.runCount, "run")}
                </span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </li>
  );
}

/** Published studies whose tables come with Reprise. */
export function ReferencesPage() {
  const references = useQuery(referencesQuery);
  const presets = useQuery(presetsQuery);
  return (
    <>
      <PageTitle
        title="References"
        lead={
          <>
            Published tables as data, to compare with runs and to check by rules. Check tables of your own
            under <Link to="/audit">Audit</Link>.
          </>
        }
      />
      <QueryView query={references} height={240} label="Loading the references">
        {(items) => (
          <ul className={classes.list}>
            {items.map((item) => (
              <Study key={item.name} item={item} presets={presets.data ?? []} />
            ))}
          </ul>
        )}
      </QueryView>
    </>
  );
}
