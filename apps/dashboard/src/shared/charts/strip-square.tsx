import { memo, useState } from "react";
import type { DigestMark, Texture } from "../marks/digest-marks.js";
import type { PlacedSquare } from "./strip-layout.js";
import classes from "./strip-square.module.css";

const texturePaths: Record<Texture, string> = {
  rising: "M-1 1 L1 -1 M0 6 L6 0 M5 7 L7 5",
  falling: "M-1 5 L1 7 M0 0 L6 6 M5 -1 L7 1",
  dots: "M3 3 h0.01",
  cross: "M0 3 H6 M3 0 V6",
  rows: "M0 3 H6",
  columns: "M3 0 V6",
};

const textureId = (prefix: string, texture: Texture) => `${prefix}-${texture}`;

/** Patterns that are laid over a square's colour. */
export function TextureDefinitions({ prefix }: { prefix: string }) {
  return (
    <defs>
      {Object.entries(texturePaths).map(([texture, path]) => (
        <pattern key={texture} id={`${prefix}-${texture}`} width="6" height="6" patternUnits="userSpaceOnUse">
          <path
            d={path}
            className={classes.texture}
            strokeWidth={texture === "dots" ? 2.6 : 1.4}
            strokeLinecap={texture === "dots" ? "round" : "butt"}
          />
        </pattern>
      ))}
    </defs>
  );
}

function Ended({ mark, size, prefix }: { mark: DigestMark; size: number; prefix: string }) {
  return (
    <>
      <rect width={size} height={size} rx={3} fill={mark.color} />
      {mark.texture ? (
        <rect width={size} height={size} rx={3} fill={`url(#${textureId(prefix, mark.texture)})`} />
      ) : null}
    </>
  );
}

/** No colour of a digest: equal weights that are NaN are nothing alike. */
function Diverged({ size, isExcluded }: { size: number; isExcluded: boolean }) {
  const at = (share: number) => size * share;
  return (
    <g opacity={isExcluded ? 0.35 : 1}>
      <rect x={0.75} y={0.75} width={size - 1.5} height={size - 1.5} rx={3} className={classes.diverged} />
      <path
        d={`M${at(0.2)} ${at(0.78)} H${at(0.42)} Q${at(0.6)} ${at(0.76)} ${at(0.64)} ${at(0.5)} L${at(0.72)} ${at(0.18)}`}
        className={classes.divergedCurve}
      />
    </g>
  );
}

type StripSquareProps = { square: PlacedSquare; size: number; prefix: string };

/** One repeat: filled when it ended, pulsing while it runs, hollow while it waits, crossed out when it failed, a rising curve when it diverged. */
function Square({ square, size, prefix }: StripSquareProps) {
  const { run, mark } = square;
  // Only what ends under one's eyes arrives; a study of a thousand runs does not flicker when it is opened.
  const [statusAtFirst] = useState(run.status);
  const inset = size * 0.3;
  if (run.status === "succeeded" && run.diverged) {
    return <Diverged size={size} isExcluded={run.excluded} />;
  }
  if (run.status === "succeeded" && mark) {
    return (
      <g
        className={statusAtFirst === "succeeded" ? undefined : classes.arrived}
        opacity={run.excluded ? 0.35 : 1}
      >
        <Ended mark={mark} size={size} prefix={prefix} />
        {run.excluded ? <path d={`M2 ${size - 2} L${size - 2} 2`} className={classes.struck} /> : null}
      </g>
    );
  }
  if (run.status === "failed") {
    return (
      <>
        <rect x={0.75} y={0.75} width={size - 1.5} height={size - 1.5} rx={3} className={classes.failed} />
        <path
          d={`M${inset} ${inset} L${size - inset} ${size - inset} M${size - inset} ${inset} L${inset} ${size - inset}`}
          className={classes.failedCross}
        />
      </>
    );
  }
  return (
    <>
      <rect
        x={0.75}
        y={0.75}
        width={size - 1.5}
        height={size - 1.5}
        rx={3}
        className={run.status === "running" ? classes.running : classes.waiting}
      />
      {run.status === "cancelled" ? (
        <path d={`M${inset} ${size / 2} H${size - inset}`} className={classes.waiting} />
      ) : null}
      {run.status === "pruned" ? (
        <path d={`M${inset} ${size - inset} L${size - inset} ${inset}`} className={classes.waiting} />
      ) : null}
      {run.status === "succeeded" ? (
        <circle cx={size / 2} cy={size / 2} r={size * 0.14} className={classes.noDigest} />
      ) : null}
    </>
  );
}

const sameMark = (a: DigestMark | null, b: DigestMark | null) =>
  a?.color === b?.color && a?.texture === b?.texture;

/** With a red corner where the run was observed, or reported, not to run as its arm asks. */
function MarkedSquare(props: StripSquareProps) {
  const { square, size } = props;
  return (
    <>
      <Square {...props} />
      {square.run.departures > 0 ? (
        <path d={`M${size * 0.45} 0 H${size} V${size * 0.55} Z`} className={classes.departed} />
      ) : null}
    </>
  );
}

/** Drawn again only when its own run has changed: a live study tells of one run at a time. */
export const StripSquare = memo(
  MarkedSquare,
  (a, b) =>
    a.square.run === b.square.run &&
    sameMark(a.square.mark, b.square.mark) &&
    a.size === b.size &&
    a.prefix === b.prefix,
);
