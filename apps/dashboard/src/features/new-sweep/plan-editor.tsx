import { NativeSelect, NumberInput, Switch } from "@mantine/core";
import { axisScale } from "../../shared/format/numbers.js";
import type { EditorProps } from "./draft.js";
import { useFieldError } from "./field-errors.js";
import { FieldRow, FieldStack } from "./field-rows.js";
import { metricsFor } from "./offers.js";
import { SearchSelect } from "./search-select.js";
import { ValueField } from "./value-field.js";

/** What will be tested, fixed before the first result. */
export function PlanEditor({ draft, announced, dataset, edit }: EditorProps) {
  const plan = draft.analysisPlan;
  const metricError = useFieldError("analysisPlan.primaryMetric");
  const marginError = useFieldError("analysisPlan.margin");
  const correctionError = useFieldError("analysisPlan.correction");
  const metrics = announced.metrics.filter((metric) => metric.split !== "train");
  const metric = metrics.find((candidate) => candidate.key === plan?.primaryMetric);
  const reportsAny = announced.datasets !== null && announced.metrics.length === 0;
  const factor = reportsAny ? 1 : metric === undefined ? 100 : axisScale(metric.unit);
  const choose = (key: unknown) => {
    edit(["analysisPlan", "primaryMetric"], key);
    edit(["analysisPlan", "margin"], undefined);
  };
  const margin = plan ? plan.margin[plan.primaryMetric] : undefined;
  return (
    <FieldStack>
      <Switch
        label="Fix an analysis plan before the first result"
        description="Without one, every result is labelled exploratory."
        checked={plan !== undefined}
        onChange={(event) =>
          edit(
            ["analysisPlan"],
            event.currentTarget.checked
              ? {
                  primaryMetric:
                    metrics.find((candidate) => candidate.split === "test")?.key ?? "testAccuracy",
                  contrasts: ["mode"],
                }
              : undefined,
          )
        }
      />
      {plan ? (
        <FieldRow>
          {reportsAny ? (
            <ValueField
              label="Primary metric"
              description="as the program calls it"
              place="analysisPlan.primaryMetric"
              value={plan.primaryMetric}
              onCommit={choose}
            />
          ) : (
            <SearchSelect
              label="Primary metric"
              error={metricError}
              offers={metricsFor(draft, announced, dataset)}
              value={plan.primaryMetric}
              onChoose={choose}
            />
          )}
          <NumberInput
            label="Margin of equivalence"
            error={marginError}
            description="smaller differences do not matter"
            placeholder="none"
            min={0}
            step={factor === 100 ? 0.5 : 0.01}
            suffix={factor === 100 ? " pp" : ` ${metric?.unit ?? ""}`}
            value={margin === undefined ? "" : Math.round(margin * factor * 1e6) / 1e6}
            onChange={(value) =>
              edit(
                ["analysisPlan", "margin"],
                typeof value === "number" && value > 0
                  ? { [plan.primaryMetric]: Math.round((value / factor) * 1e9) / 1e9 }
                  : undefined,
              )
            }
          />
          <NativeSelect
            label="Correction for several tests"
            error={correctionError}
            data={[
              { value: "holm", label: "Holm, for claims" },
              { value: "bh", label: "Benjamini–Hochberg, for screening" },
              { value: "none", label: "none" },
            ]}
            value={plan.correction}
            onChange={(event) => edit(["analysisPlan", "correction"], event.currentTarget.value)}
          />
        </FieldRow>
      ) : null}
    </FieldStack>
  );
}
