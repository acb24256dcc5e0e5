import { leadSentence, type Verdict } from "@reprise/contracts";
import { count, unbroken } from "../format/numbers.js";
import { VerdictGlyph } from "../marks/verdict-glyph.js";
import { Explained } from "./explained.js";
import classes from "./verdict-list.module.css";

/** The first sentence as a headline, the others under it. */
function Headline({ verdict }: { verdict: Verdict }) {
  const { lead, rest } = leadSentence(verdict);
  return (
    <>
      <span className={classes.lead}>
        <Explained text={unbroken(lead)} />
      </span>{" "}
      {rest === "" ? null : <Explained text={unbroken(rest)} />}
    </>
  );
}

/** What is said, its glyph, and how it is known. The chief verdict of a page has a headline. */
export function VerdictLine({
  verdict,
  words = verdict.sentence,
  weight = "plain",
}: {
  verdict: Verdict;
  /** What is said, where a heading above has said a part of the sentence. */
  words?: string;
  weight?: "chief" | "plain" | "quiet";
}) {
  /** A headline without text under it. */
  const isAlone = weight === "chief" && leadSentence(verdict).rest === "";
  return (
    <div className={classes.verdict} data-weight={weight}>
      <VerdictGlyph verdict={verdict} size={weight === "chief" ? 32 : weight === "plain" ? 18 : 14} />
      <div className={classes.words}>
        <p className={classes.sentence} data-alone={isAlone || undefined}>
          {weight === "chief" ? <Headline verdict={verdict} /> : unbroken(words)}
        </p>
        {verdict.basis.length > 0 ? (
          <details className={classes.basis}>
            <summary>How do we know?</summary>
            <ul>
              {verdict.basis.map((line) => (
                <li key={line}>
                  <Explained text={unbroken(line)} />
                </li>
              ))}
            </ul>
          </details>
        ) : null}
      </div>
    </div>
  );
}

function Lines({ verdicts }: { verdicts: readonly Verdict[] }) {
  return (
    <ul className={classes.list}>
      {verdicts.map((verdict) => (
        <li key={verdict.sentence}>
          <VerdictLine verdict={verdict} />
        </li>
      ))}
    </ul>
  );
}

/** Sentences of an analysis, each with how it is known; many of them fold away behind the first ones. */
export function VerdictList({ verdicts, shown = 2 }: { verdicts: readonly Verdict[]; shown?: number }) {
  if (verdicts.length === 0) return null;
  const rest = verdicts.slice(shown);
  return (
    <>
      <Lines verdicts={verdicts.slice(0, shown)} />
      {rest.length > 0 ? (
        <details className={classes.more}>
          <summary>{count(rest.length, "further sentence")}</summary>
          <Lines verdicts={rest} />
        </details>
      ) : null}
    </>
  );
}
