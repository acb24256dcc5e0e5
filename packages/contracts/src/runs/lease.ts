import { z } from "zod";

/**
 * Seconds of silence after which an attempt from outside is lost; every report and `POST /runs/{id}/heartbeat` renews it.
 * Default: that of the study, else the server's (`REPRISE_LOGGED_RUN_LEASE_SECONDS`).
 */
export const leaseSeconds = z.int().min(10).max(86_400);
