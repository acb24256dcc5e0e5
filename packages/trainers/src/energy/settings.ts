import { z } from "zod";
import { carbonIntensity } from "./carbon-intensity.js";

/** How a worker turns use of its machine into energy and carbon. */
export const energySettings = z
  .strictObject({
    /** ISO code of two letters, `world`, or `cuda-randomness`. */
    place: z.string().optional(),
    /** Overrides the table, in g CO2e per kWh. */
    gramsPerKWh: z.number().min(0).optional(),
    source: z.string().optional(),
    /** Power usage effectiveness: energy of the whole room over energy of the machines. */
    pue: z.number().min(1).default(1),
    /** Thermal design power of all processors of the machine together, in watts. */
    cpuTdpWatts: z.number().positive().optional(),
    ramWattsPerGib: z.number().min(0).default(0.375),
  })
  .superRefine((settings, context) => {
    try {
      carbonIntensity(settings);
    } catch (error) {
      context.addIssue({
        code: "custom",
        path: ["place"],
        message: error instanceof Error ? error.message : "",
      });
    }
  });
export type EnergySettings = z.output<typeof energySettings>;
