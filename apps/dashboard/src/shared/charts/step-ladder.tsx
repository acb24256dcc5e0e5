import type { RungKind } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import { count } from "../format/numbers.js";
import { rungName } from "./ladder.js";
import { AxisLabel, AxisLine, Tick } from "./marks.js";
import { type Rung, type RungState, stateOf, stateWords } from "./rungs.js";
import classes from "./step-ladder.module.css";
import { after, before, drawnRungs, endNames, endRungs } from "./step-rungs.js";
import { useWidth } from "./use-width.js";

const height = 190;
const rails = { top: 58, bottom: 98 };
const side = 14;
const endRung = 22;
const gap = 26;
/** On narrower drawings, in px, the note would be cut off; the verdict's sentence says the same. */
const wideEnoughForNote = 640;

type Place = { kind: RungKind; position: number };

function RungMark({ x, state }: { x: number; state: RungState }) {
  return state === "different" ? (
    <path
      d={`M${x} ${rails.top} v9 M${x} ${rails.bottom} v-9`}
      className={classes.different}
      strokeLinecap="round"
    />
  ) : (
    <path
      d={`M${x} ${rails.top} V${rails.bottom}`}
      className={state === "same" ? classes.same : classes.incomparable}
    />
  );
}

/**
 * The ladders of a run and its replica laid along the steps of training: rungs are joined for as long as both are equal
 * to the bit, and broken from where they part.
 */
export function StepLadder({
  rungs,
  first,
  note,
  sides,
}: {
  rungs: readonly Rung[];
  /** The first divergence, as the server found it. */
  first: Place | null;
  /** What is known of it: tensor, ULP. */
  note: string | null;
  sides: readonly [string, string];
}) {
  const { ref, width } = useWidth();
  const ofKind = (kind: RungKind) =>
    rungs.filter((rung) => rung.kind === kind && rung.a !== null && rung.b !== null);
  const axisKind: RungKind = ofKind("step").length > 0 ? "step" : "epoch";
  const steps = ofKind(axisKind).toSorted((a, b) => a.position - b.position);
  if (width === null || width < 200) return <div ref={ref} style={{ height }} />;

  const head = endRungs(rungs, before);
  const tail = endRungs(rungs, after);
  const left = side + Math.max(0, head.length - 1) * endRung + gap;
  const right = width - side - Math.max(0, tail.length - 1) * endRung - gap;
  const x = scaleLinear()
    .domain([steps[0]?.position ?? 0, steps.at(-1)?.position ?? 1])
    .range([left, right]);
  const drawn = drawnRungs(steps, x);
  const xOf = (place: Place): number => {
    const start = head.findIndex(({ kind }) => kind === place.kind);
    if (start >= 0) return side + start * endRung;
    const end = tail.findIndex(({ kind }) => kind === place.kind);
    if (end >= 0) return right + gap + end * endRung;
    const inAxis = place.kind === axisKind ? place.position : null;
    return inAxis === null ? right : x(inAxis);
  };
  const at = first ? Math.min(width - side, xOf(first)) : null;
  const toTheLeft = at !== null && at > width * 0.6;
  const equal = steps.filter((rung) => stateOf(rung) === "same").length;
  const label = first
    ? `${sides[0]} and ${sides[1]} first differ at ${rungName(first.kind, first.position)}`
    : `${sides[0]} and ${sides[1]} are equal on every rung that can be compared`;
  return (
    <div ref={ref}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${label}; ${count(equal)} of ${count(steps.length, axisKind)} equal`}
        width={width}
        height={height}
        style={{ display: "block" }}
      >
        <text x={side - 8} y={rails.top - 10} className={classes.side}>
          {sides[0]}
        </text>
        <text x={side - 8} y={rails.bottom + 20} className={classes.side}>
          {sides[1]}
        </text>
        {[rails.top, rails.bottom].map((y) => (
          <path key={y} d={`M4 ${y} H${width - 4}`} className={classes.rail} />
        ))}
        {head.map(({ kind, state }, index) => (
          <g key={kind}>
            <title>{endNames[kind]}</title>
            <RungMark x={side + index * endRung} state={state} />
          </g>
        ))}
        {drawn.map((rung) => (
          <g key={rung.key}>
            <title>
              {`${axisKind} ${rung.from}${rung.to === rung.from ? "" : ` to ${rung.to}`}: ${stateWords[rung.state]}`}
            </title>
            <RungMark x={rung.x} state={rung.state} />
          </g>
        ))}
        {tail.map(({ kind, state }, index) => (
          <g key={kind}>
            <title>{endNames[kind]}</title>
            <RungMark x={right + gap + index * endRung} state={state} />
          </g>
        ))}
        <g aria-hidden>
          <Tick x={side - 8} y={rails.bottom + 46}>
            before
          </Tick>
          <Tick x={width - side + 8} y={rails.bottom + 46} textAnchor="end">
            result
          </Tick>
          {x
            .ticks(Math.max(2, Math.floor((right - left) / 110)))
            .filter(Number.isInteger)
            .map((tick) => (
              <g key={tick}>
                <AxisLine d={`M${x(tick)} ${rails.bottom + 28} v5`} />
                <Tick x={x(tick)} y={rails.bottom + 46} textAnchor="middle">
                  {count(tick)}
                </Tick>
              </g>
            ))}
          <AxisLine d={`M${left} ${rails.bottom + 28} H${right}`} />
          <AxisLabel x={(left + right) / 2} y={rails.bottom + 66} textAnchor="middle">
            {axisKind} of training
          </AxisLabel>
        </g>
        {first && at !== null ? (
          <g>
            <path d={`M${at} 22 V${rails.bottom + 28}`} className={classes.mark} />
            <path d={`M${at - 5} 22 h10 l-5 7 z`} className={classes.flag} />
            <text
              x={toTheLeft ? at - 10 : at + 10}
              y={17}
              textAnchor={toTheLeft ? "end" : "start"}
              className={classes.flagText}
            >
              first difference: {rungName(first.kind, first.position)}
            </text>
            {note && width >= wideEnoughForNote ? (
              <text
                x={toTheLeft ? at - 10 : at + 10}
                y={34}
                textAnchor={toTheLeft ? "end" : "start"}
                className={classes.flagNote}
              >
                {note}
              </text>
            ) : null}
          </g>
        ) : null}
      </svg>
    </div>
  );
}
