import { builtInTrainer, type DivergentOperation, type Evidence, type RunDetail } from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import { count, significant } from "../../shared/format/numbers.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import { Snippet } from "../../shared/ui/snippet.js";
import classes from "./located-section.module.css";

const command = ({ id }: RunDetail) =>
  `# your script and its arguments in place of train.py; --run once more for another run
python -m reprise locate --run ${id} train.py`;

function distance({ differing, size, ulp, relative }: DivergentOperation): string | null {
  if (differing === null || size === null) return null;
  const far =
    ulp === null ? "" : `, by at most ${significant(ulp)} ulp (${significant(relative ?? 0)} of the value)`;
  return `${count(differing, "element")} of ${size}${far}`;
}

function rowsOf(parted: DivergentOperation): [string, string][] {
  const { phase, module, operation, line, tensor, shape } = parted;
  const rows: [string, string | null][] = [
    ["Step", String(parted.step)],
    ["Phase", phase],
    ["Module", module],
    ["Operation", operation],
    ["Line", line],
    ["Tensor", tensor === null ? null : `${tensor}${shape === null ? "" : `, ${shape}`}`],
    ["Differs in", distance(parted)],
    ...parted.pairs.map(({ name, first, second }): [string, string] => [
      name,
      `${first ?? "nothing"} | ${second ?? "nothing"}`,
    ]),
    ...parted.causes.map(({ name, condition, deterministic }): [string, string] => [
      "Known cause",
      `${name} ${condition}: ${deterministic ? "has a deterministic form" : "has no deterministic form"}`,
    ]),
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]));
}

function Parted({ parted }: { parted: DivergentOperation }) {
  return (
    <>
      <ScrollRegion label="Where the two part">
        <table className={`data-table ${classes.place}`}>
          <tbody>
            {rowsOf(parted).map(([name, value]) => (
              <tr key={`${name} ${value}`}>
                <th scope="row">{name}</th>
                <td className="mono">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {parted.documentation ? (
        <p className="small">
          <a href={parted.documentation} rel="noreferrer" target="_blank">
            What PyTorch documents of deterministic algorithms
          </a>
        </p>
      ) : null}
    </>
  );
}

/** In which operation two traced trainings of the run's program part, or how to find out; nothing for our own trainer. */
export function LocatedSection({ run, divergence }: { run: RunDetail; divergence: Evidence["divergence"] }) {
  if (run.trainer === builtInTrainer) return null;
  const title = "In which operation do two of its trainings part?";
  if (divergence === null)
    return (
      <Section
        title={title}
        lead="Nobody has looked. This trains the program twice in lockstep, every operation of PyTorch traced, and keeps the answer here."
      >
        <Snippet title="Locate" text={command(run)} />
      </Section>
    );
  const { parted, steps, tries, runIds } = divergence;
  const other = runIds.find((runId) => runId !== run.id);
  const how = (
    <>
      Two fresh processes,{" "}
      {other === undefined ? (
        "both with arm and seed of this run"
      ) : (
        <>
          with arm and seed of this run and of{" "}
          <Link to="/runs/$runId" params={{ runId: other }}>
            another
          </Link>
        </>
      )}
      , every operation traced.
    </>
  );
  return (
    <Section
      title={title}
      lead={
        parted === null ? (
          <>
            In none of {count(steps, "step")}, {tries === 1 ? "one try" : `${tries} tries`}. {how} Tracing is
            slower, which can hide a race between threads.
          </>
        ) : (
          <>
            {parted.sentence} {how}
          </>
        )
      }
    >
      {parted === null ? null : <Parted parted={parted} />}
    </Section>
  );
}
