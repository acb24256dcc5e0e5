import { UnstyledButton } from "@mantine/core";
import { armsOf, type Sweep } from "@reprise/contracts";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { count } from "../../shared/format/numbers.js";
import { Explained } from "../../shared/ui/explained.js";
import classes from "./first-study.module.css";

const kept = "reprise.first-study";

/** Storage may be forbidden: then the guide is there again after the next load. */
function wasDismissed(): boolean {
  try {
    return localStorage.getItem(kept) !== null;
  } catch {
    return false;
  }
}

/** What the quickstart shows, in five sentences; the number of repeats is that of the study, which may be a smaller copy. */
const sentencesOf = (det: number, free: number) => [
  `The same networks are trained again and again: at each seed ${count(det, "time")} in the arm det, which adds up gradients in a fixed order, and ${count(free, "time")} in the arm free, which adds them up as they arrive.`,
  "Look at the squares under “Which runs are bit-identical?”: where runs ended with the same weights, their squares look the same, as those of det should.",
  "Read the verdict: it says how many percentage points the order of additions alone moves the accuracy, and “How do we know?” names the test behind each sentence.",
  "Click a square to see how that run went, or switch on “Pick two to compare” and click two of them to see at which step they part.",
  "Then ask the same of your own training: copy the study, change what you like, and let the preview say what it costs and what it can show.",
];

/** Follows a newcomer over the quickstart, until it is dismissed. */
export function FirstStudy({ sweep }: { sweep: Sweep }) {
  const [dismissed, setDismissed] = useState(wasDismissed);
  // While it trains there is time to read; a study that has ended begins with its verdict.
  const [isOpen] = useState(sweep.endedAt === null);
  const arms = armsOf(sweep.spec);
  const [det, free] = ["det", "free"].map((name) => arms.find((arm) => arm.name === name)?.repeats);
  if (dismissed || sweep.preset !== "quickstart" || det === undefined || free === undefined) return null;
  const dismiss = () => {
    try {
      localStorage.setItem(kept, "dismissed");
    } catch {
      // See above.
    }
    setDismissed(true);
  };
  return (
    <aside className={classes.guide} aria-label="Your first study">
      <details open={isOpen}>
        <summary>Your first study, in five sentences</summary>
        <ol>
          {sentencesOf(det, free).map((sentence) => (
            <li key={sentence}>
              <Explained text={sentence} />
            </li>
          ))}
        </ol>
        <Link to="/sweeps/new" search={{ from: sweep.id }} className="small">
          Copy this study
        </Link>
      </details>
      <UnstyledButton className={classes.dismiss} onClick={dismiss} aria-label="Dismiss the guide">
        <IconX size={16} stroke={1.6} aria-hidden />
      </UnstyledButton>
    </aside>
  );
}
