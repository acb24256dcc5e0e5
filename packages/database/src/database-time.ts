import type { Sql } from "./connect.js";

/**
 * What time the database has. Whatever is kept there and compared later, perhaps with what another process wrote, is timed by this
 * one clock: those of processes and machines differ, by an hour where one is set wrong.
 */
export async function databaseTime(sql: Sql): Promise<Date> {
  const [clock] = await sql.$queryRaw<Array<{ now: Date }>>`SELECT clock_timestamp() AS now`;
  if (!clock) throw new Error("The database did not tell its time");
  return clock.now;
}
