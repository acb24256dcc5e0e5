import { ActionIcon, Button, NumberInput } from "@mantine/core";
import { type Arm, armsOf } from "@reprise/contracts";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { armMarks } from "../../shared/marks/arm-marks.js";
import classes from "./arms-editor.module.css";
import type { Draft, Edit } from "./draft.js";
import { useFieldError } from "./field-errors.js";
import { FieldStack } from "./field-rows.js";

const orderWords: Record<Arm["execution"]["order"], string> = {
  fixed: "sums in index order",
  permuted: "sums in a fixed order of its own: a negative control",
  free: "reduces in order of arrival (free reduction order)",
};

const placebo: Arm = {
  name: "placebo",
  execution: { order: "permuted", algorithms: "deterministic", autotune: false, tf32: false },
  repeats: 5,
};

/** Arms that any study may have. */
const usual: readonly Arm[] = [
  ...armsOf({ modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 5 } } }),
  placebo,
];

const modeOfArm: Record<string, string> = { det: "deterministic", free: "nondeterministic" };

function Repeats({
  arm: { name, repeats },
  place,
  onChange,
}: {
  arm: Arm;
  place: string;
  onChange: (repeats: number) => void;
}) {
  const error = useFieldError(place);
  return (
    <NumberInput
      aria-label={`Repeats of ${name}`}
      min={1}
      max={10_000}
      allowDecimal={false}
      value={repeats}
      suffix={repeats === 1 ? " repeat" : " repeats"}
      error={error}
      onChange={(value) => typeof value === "number" && value >= 1 && onChange(value)}
    />
  );
}

/** What an arm leaves free besides the order: another source of nondeterminism than that. */
function otherSources({ algorithms, autotune, perturb }: Arm["execution"]): string {
  return [
    ...(autotune
      ? ["cuDNN may choose algorithms by timing them (autotuning), another source of nondeterminism"]
      : []),
    ...(!autotune && algorithms === "default" ? ["algorithms are the backend's choice"] : []),
    ...(perturb ? ["one initial weight is changed by one unit in the last place"] : []),
  ]
    .map((words) => `; ${words}`)
    .join("");
}

/** Execution arms with their repeats; the shorthand `modes` is kept for as long as it can say it. */
export function ArmsEditor({ draft, edit }: { draft: Draft; edit: Edit }) {
  const arms = armsOf(draft);
  /** As they were when they were taken out, to be put back. */
  const [removed, setRemoved] = useState<readonly Arm[]>([]);
  const known = new Map([...usual, ...removed].map((arm) => [arm.name, arm]));
  const offered = [...known.values()].filter(({ name }) => !arms.some((arm) => arm.name === name));
  const marks = armMarks(arms);
  const writeArms = (next: Arm[]) => {
    edit(["modes"], undefined);
    edit(["arms"], next);
  };
  const placeOf = (index: number) =>
    draft.arms ? `arms.${index}.repeats` : `modes.${modeOfArm[arms[index]?.name ?? ""]}.repeats`;
  return (
    <FieldStack>
      <ul className={classes.arms}>
        {arms.map((arm, index) => (
          <li key={arm.name}>
            <span className={classes.armName}>
              <i style={{ background: marks[index]?.color }} aria-hidden />
              <span>
                <strong>{arm.name}</strong>
                <span className="small dim">
                  {" "}
                  {orderWords[arm.execution.order]}
                  {otherSources(arm.execution)}
                </span>
              </span>
            </span>
            <Repeats
              arm={arm}
              place={placeOf(index)}
              onChange={(repeats) => edit(placeOf(index).split("."), repeats)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove arm ${arm.name}`}
              disabled={arms.length === 1}
              onClick={() => {
                setRemoved((before) => [...before.filter(({ name }) => name !== arm.name), arm]);
                writeArms(arms.filter((_, other) => other !== index));
              }}
            >
              <IconX size={16} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {offered.length > 0 ? (
        <div className={classes.offered}>
          {offered.map((arm) => (
            <Button
              key={arm.name}
              variant="default"
              size="xs"
              leftSection={<IconPlus size={14} />}
              onClick={() => writeArms([...arms, arm])}
            >
              Add the arm {arm.name}
            </Button>
          ))}
        </div>
      ) : null}
    </FieldStack>
  );
}
