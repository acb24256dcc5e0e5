import type { FailureGroup, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count } from "../../../shared/format/numbers.js";
import { Fault, FaultList } from "../../../shared/ui/fault-list.js";
import { QueryView } from "../../../shared/ui/query-view.js";
import { ServerText } from "../../../shared/ui/server-text.js";
import { When } from "../../../shared/ui/when.js";
import { failuresQuery } from "./watch-queries.js";

function Cause({ group, isImported }: { group: FailureGroup; isImported: boolean }) {
  return (
    <Fault>
      <p>
        <strong className="num">{count(group.count, "run")}</strong>{" "}
        {isImported
          ? "Failed, as the tracker recorded:"
          : group.kind === "user"
            ? "The trainer refused or failed:"
            : "Interrupted from outside:"}{" "}
        <ServerText text={group.message} />
      </p>
      {group.hint ? (
        <p className="small">
          What to do: <ServerText text={group.hint} />
        </p>
      ) : null}
      <p className="small dim">
        {isImported
          ? ""
          : group.kind === "user"
            ? "Trying again without a change would fail again."
            : "Nothing says that its configuration is at fault; it can be tried again."}{" "}
        {group.lastAt ? (
          <>
            Last <When at={group.lastAt} />.{" "}
          </>
        ) : null}
        {group.runIds.map((runId, index) => (
          <Link key={runId} to="/runs/$runId" params={{ runId }} search={isImported ? {} : { view: "logs" }}>
            {isImported ? "run" : "log"} {index + 1}{" "}
          </Link>
        ))}
      </p>
    </Fault>
  );
}

/** Failed runs by cause: one entry for a hundred runs that failed for the same reason. */
export function FailuresList({ sweep }: { sweep: Sweep }) {
  const query = useQuery(failuresQuery(sweep.id));
  return (
    <QueryView query={query} height={96} label="Loading the failures">
      {(groups) => (
        <div style={{ maxWidth: 860 }}>
          <FaultList label="Failed runs by cause">
            {groups.map((group) => (
              <Cause key={`${group.kind} ${group.message}`} group={group} isImported={sweep.origin != null} />
            ))}
          </FaultList>
        </div>
      )}
    </QueryView>
  );
}
