import type { StudyReport } from "@reprise/contracts";
import { unbroken } from "../../shared/format/numbers.js";
import { Section } from "../../shared/ui/section.js";
import { VerdictLine } from "../../shared/ui/verdict-list.js";
import classes from "./answer.module.css";

/** One sentence over all, then what is found about each thing that was asked. */
export function Answer({ answer: { headline, rows } }: { answer: StudyReport["answer"] }) {
  return (
    <Section title="Would this result happen again?">
      {headline ? <VerdictLine verdict={headline} weight="chief" /> : null}
      {headline === null && rows.length === 0 ? <p>There is no result yet.</p> : null}
      {rows.length > 0 ? (
        <table className={classes.answers}>
          <caption className="visually-hidden">Findings by subject</caption>
          <thead>
            <tr>
              <th scope="col">Subject</th>
              <th scope="col">Finding</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ about, tone, sentences }) => (
              <tr key={about} data-tone={tone}>
                <th scope="row">{about}</th>
                <td>
                  {sentences.map((sentence) => (
                    <p key={sentence}>{unbroken(sentence)}</p>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </Section>
  );
}
