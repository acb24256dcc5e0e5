import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { referencesQuery } from "../../shared/api/study-queries.js";
import { count } from "../../shared/format/numbers.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import classes from "./references.module.css";

/** Published studies whose tables come with Reprise. */
export function ReferencesPage() {
  const references = useQuery(referencesQuery);
  return (
    <>
      <PageTitle
        title="References"
        lead={
          <>
            Published tables as data, to be held against runs and checked by rule. Check tables of your own
            under <Link to="/audit">Audit</Link>.
          </>
        }
      />
      <QueryView query={references} height={240} label="Loading the references">
        {(items) => (
          <ul className={classes.list}>
            {items.map((item) => (
              <li key={item.name}>
                <Link to="/references/$paper" params={{ paper: item.name }} className={classes.title}>
                  {item.title}
                </Link>
                <p className="prose">{item.summary}</p>
                <p className="dim small">
                  {count(item.tables.length, "table")} · {count(item.claims, "statement")} of the text as data
                </p>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </>
  );
}
