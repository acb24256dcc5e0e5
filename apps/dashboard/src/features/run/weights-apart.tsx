import { decodeNumber, type Verification } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { WeightDistanceChart, weightDistanceData } from "../../shared/charts/weight-distance.js";
import { count } from "../../shared/format/numbers.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { weightDistancesQuery } from "./queries.js";

const howToKeepMore = (
  <>
    A sweep with <span className="mono">checkpointEveryEpochs</span> keeps them on the way, too.
  </>
);

/** How far the weights of a run and of its repetition lie apart, wherever both were kept. */
export function WeightsApart({ verification, steps }: { verification: Verification; steps: number }) {
  const query = useQuery(weightDistancesQuery(verification.id));
  const first = verification.firstDivergence;
  return (
    <QueryView query={query} height={290} label="Loading the distances of weights">
      {({ items }) =>
        items.length === 0 ? (
          <p className="small dim">
            How far the weights drift apart cannot be drawn: the two kept none at a common step that this
            server can read. {howToKeepMore}
          </p>
        ) : (
          <ChartFrame
            title="How far do the weights lie apart?"
            name={`weight-distance-${verification.runId}`}
            data={weightDistanceData(items)}
            lead={
              <>
                ‖a − b‖ / ‖a‖ over all weights, at {count(items.length, "step")} at which both kept them.{" "}
                {items.some(({ distance }) => decodeNumber(distance) === Number.POSITIVE_INFINITY)
                  ? "No point is drawn where a weight is not finite. "
                  : ""}
                {items.length === 1 ? howToKeepMore : null}
              </>
            }
          >
            <WeightDistanceChart
              points={items}
              steps={Math.max(steps, ...items.map(({ step }) => step))}
              parted={first?.kind === "step" ? first.position : null}
            />
          </ChartFrame>
        )
      }
    </QueryView>
  );
}
