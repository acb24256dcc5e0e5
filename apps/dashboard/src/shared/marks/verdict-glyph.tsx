import type { Verdict } from "@reprise/contracts";
import classes from "./verdict-glyph.module.css";

const brackets = "M5 5 H3 V19 H5 M19 5 H21 V19 H19";

const drawings: Record<Verdict["kind"], { path: string; dots?: [number, number][]; name: string }> = {
  "bit-identical": { path: "M5 7 H19 M5 12 H19 M5 17 H19", name: "Identical" },
  "equal-digests": { path: "M5 9 H19 M5 15 H19", name: "Equal digests, reported by the program" },
  "equal-as-logged": { path: "M5 9 H19 M5 15 H8 M11 15 H13 M16 15 H19", name: "Equal as logged" },
  contradiction: { path: "M5 9 H19 M5 15 H19 M12 2.500 V6 M12 18 V21.500", name: "Contradiction" },
  departed: { path: "M4 8 H12 L20 3 M4 16 H20", name: "Not as requested" },
  "not-identical": { path: "M5 7 H19 M5 12 H19 M5 17 H19 M15 3.500 L9 20.500", name: "Not identical" },
  "prediction-inside": { path: brackets, dots: [[12, 12]], name: "Inside the interval" },
  "prediction-outside": {
    path: "M4 5 H2 V19 H4 M12 5 H14 V19 H12",
    dots: [[19.5, 12]],
    name: "Outside the interval",
  },
  "one-sample": {
    path: "M12 4 V20",
    dots: [
      [6, 12],
      [18, 12],
    ],
    name: "One-sample test",
  },
  "pooled-shift": { path: "M4 5 V19 M20 5 V19 M7 12 H17 M13.500 8.500 L17 12 L13.500 15.500", name: "Shift" },
  "pooled-no-shift": { path: "M6 5 V19 M18 5 V19 M9 12 H15", name: "No shift detected" },
  equivalent: { path: "M4 10 Q8 6 12 10 T20 10 M4 16 Q8 12 12 16 T20 16", name: "Equivalent" },
  inconclusive: {
    path: "M8.500 9 Q8.500 5 12 5 Q15.500 5 15.500 8.500 Q15.500 11 12 12.500 V14.500",
    dots: [[12, 18.5]],
    name: "Inconclusive",
  },
  "more-variable": {
    path: "M12 4 V20 M8.500 7.500 L12 4 L15.500 7.500 M8.500 16.500 L12 20 L15.500 16.500",
    name: "Spread differs",
  },
  degenerate: {
    path: "M5 19 H19",
    dots: [
      [9, 14],
      [9, 9],
      [15, 14],
    ],
    name: "Too few distinct values",
  },
  "single-run": { path: "M5 19 H19", dots: [[12, 11]], name: "Single run" },
  spread: { path: "M4 12 H20 M4 8 V16 M20 8 V16", name: "Spread" },
  unit: { path: "M3 8 H21 V16 H3 Z M8 8 V12 M12 8 V13 M16 8 V12", name: "Scale of the values" },
  pending: {
    path: "",
    dots: [
      [6, 12],
      [12, 12],
      [18, 12],
    ],
    name: "Pending",
  },
  // A curve that leaves the frame.
  diverged: {
    path: "M3 17 H9 Q13 17 14 10 L15 4 M11.500 6.500 L15 3.500 L17.500 7 M4 21 H20",
    name: "Diverged",
  },
};

/** What a reader takes away at a glance, by shape and not by colour alone. */
export function VerdictGlyph({ verdict, size = 24 }: { verdict: Verdict; size?: number }) {
  const { path, dots = [], name } = drawings[verdict.kind];
  return (
    <span
      className={classes.glyph}
      data-tone={verdict.tone}
      style={{ width: size + 8, height: size + 8 }}
      role="img"
      aria-label={name}
      title={name}
    >
      <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
        <path
          d={path}
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        {dots.map(([cx, cy]) => (
          <circle key={`${cx} ${cy}`} cx={cx} cy={cy} r="2" fill="currentColor" />
        ))}
      </svg>
    </span>
  );
}
