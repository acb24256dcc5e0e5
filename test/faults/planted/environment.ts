import { reportEnvironment as right } from "../../../packages/tfjs-trainer/src/loop/environment.js";
import { state } from "./fault.js";

export * from "../../../packages/tfjs-trainer/src/loop/environment.js";

/** The environment as it is, but for a library's version. */
export const reportEnvironment: typeof right = (plan, post) =>
  right(plan, (events) =>
    post(
      events.map((event) =>
        event.type === "environment" && state.fault.kind === "other-version"
          ? { ...event, values: { ...event.values, tfjsCore: "4.23.0" } }
          : event,
      ),
    ),
  );
