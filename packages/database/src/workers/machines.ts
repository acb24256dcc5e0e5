import { device, type Machine, workerLabels } from "@reprise/contracts";
import { z } from "zod";
import type { Prisma } from "../generated/client.js";

const devices = z.array(device);

/** What of a worker's row decides which runs it may train. */
export const machineFields = { labels: true, devices: true } as const satisfies Prisma.WorkerSelect;

export const machineOf = (row: { labels: unknown; devices: unknown }) =>
  ({ labels: workerLabels.parse(row.labels), devices: devices.parse(row.devices) }) satisfies Machine;
