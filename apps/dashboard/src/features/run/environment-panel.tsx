import { TextInput } from "@mantine/core";
import { environmentValueWords, type RunDetail } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import { EmptyState } from "../../shared/ui/states.js";
import classes from "./environment-panel.module.css";
import { runEnvironmentQuery } from "./queries.js";

/** Hardware, libraries, code and data as they were. */
export function EnvironmentPanel({ run }: { run: RunDetail }) {
  const [wanted, setWanted] = useState("");
  const query = useQuery({ ...runEnvironmentQuery(run.id), enabled: run.environmentId !== null });
  const ended = run.endedAt !== null;
  if (run.environmentId === null) {
    return (
      <EmptyState title={ended ? "No environment is recorded." : "No environment yet."}>
        {ended
          ? "It is not known where this run was executed: its program reported nothing about hardware, libraries or code."
          : "It is recorded when an attempt starts, before the first step."}
      </EmptyState>
    );
  }
  return (
    <Section
      title="Where did it run?"
      lead={
        <>
          Everything known that can change a result. Its digest is{" "}
          <DigestChip digest={run.environmentId} copy />
        </>
      }
      aside={
        <TextInput
          size="xs"
          aria-label="Search the environment"
          placeholder="Search"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      }
    >
      <QueryView query={query} height={320} label="Loading the environment">
        {(environment) => {
          const rows = Object.entries(environment.values)
            .filter(([key, value]) => `${key} ${value}`.toLowerCase().includes(wanted.toLowerCase()))
            .sort(([a], [b]) => a.localeCompare(b, "en"));
          return (
            <ScrollRegion label="Environment">
              <table className={`data-table ${classes.narrow}`}>
                <caption className="visually-hidden">Environment</caption>
                <tbody>
                  {rows.map(([key, value]) => (
                    <tr key={key}>
                      <th scope="row" className="mono">
                        {key}
                      </th>
                      <td className={`mono ${classes.wrap}`}>{environmentValueWords(key, value)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          );
        }}
      </QueryView>
    </Section>
  );
}
