import type { Verdict } from "@reprise/contracts";
import { count } from "../format/numbers.js";
import { VerdictGlyph } from "../marks/verdict-glyph.js";
import classes from "./verdict-list.module.css";

function Line({ verdict }: { verdict: Verdict }) {
  return (
    <li className={classes.verdict}>
      <VerdictGlyph verdict={verdict} />
      <div>
        <p className={classes.sentence}>{verdict.sentence}</p>
        {verdict.basis.length > 0 ? (
          <details className={classes.basis}>
            <summary>How do we know?</summary>
            <ul>
              {verdict.basis.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        ) : null}
      </div>
    </li>
  );
}

/** Sentences of an analysis in small, each with how it is known; many of them fold away behind the first ones. */
export function VerdictList({ verdicts, shown = 2 }: { verdicts: readonly Verdict[]; shown?: number }) {
  if (verdicts.length === 0) return null;
  const first = verdicts.slice(0, shown);
  const rest = verdicts.slice(shown);
  return (
    <>
      <ul className={classes.list}>
        {first.map((verdict) => (
          <Line key={verdict.sentence} verdict={verdict} />
        ))}
      </ul>
      {rest.length > 0 ? (
        <details className={classes.more}>
          <summary>{count(rest.length, "further sentence")}</summary>
          <ul className={classes.list}>
            {rest.map((verdict) => (
              <Line key={verdict.sentence} verdict={verdict} />
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

/** Remarks of an analysis, one line each. */
export function Notes({ notes }: { notes: readonly string[] }) {
  return notes.map((note) => (
    <p key={note} className={classes.note}>
      {note}
    </p>
  ));
}
