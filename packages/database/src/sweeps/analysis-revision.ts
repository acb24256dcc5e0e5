import type { Database } from "../connect.js";
import { workerGoneAfterMs } from "../workers/workers.js";

/**
 * Changes whenever an analysis of this sweep could come out differently: with its last live event, which every change of
 * sweep and runs leaves, and with what trainers announce of their metrics. Events are stored for an hour only, so that an
 * equal revision means equal content for no longer than that.
 */
export async function analysisRevision(db: Database, sweepId: string): Promise<string> {
  const [row] = await db.prisma.$queryRaw<Array<{ revision: string }>>`
    SELECT md5(concat_ws(' ',
      (SELECT max(id) FROM live_events WHERE sweep_id = ${sweepId}::uuid),
      (SELECT string_agg(DISTINCT md5(capabilities::text), ' ') FROM workers
        WHERE last_seen_at > clock_timestamp() - ${workerGoneAfterMs}::float8 * interval '1 millisecond'),
      (SELECT string_agg(md5(capabilities::text), ' ' ORDER BY trainer) FROM trainer_capabilities)
    )) AS revision`;
  return row?.revision ?? "";
}
