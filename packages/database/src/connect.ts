import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "./generated/client.js";
import {
  BoundedClient,
  connectionSettings,
  type KindOfWork,
  type Waits,
} from "./postgres/connection-settings.js";
import { fillingLarge } from "./postgres/large-parameters.js";

/** What runs SQL: the client, or a transaction of it. */
export type Sql = Prisma.TransactionClient;

/** Where statements go: a pool of connections, or one transaction. Every function of this package takes one as its first argument. */
export type Database = {
  prisma: Sql;
  /** Connection string, with its password. */
  url: string;
  /** Begins a transaction of `work`, or has it join the one that has begun. */
  transaction<T>(work: (sql: Sql) => Promise<T>, timeoutMs: number): Promise<T>;
};

/** A connection pool to one database. */
export type DatabasePool = Database & { prisma: PrismaClient; close(): Promise<void> };

/** What a transaction does last. */
const endings = new WeakMap<Sql, Array<() => Promise<void>>>();

/** Whether these statements belong to a transaction, which holds what it has locked. */
export const isTransaction = (sql: Sql): boolean => endings.has(sql);

/** Has `work` done as the last thing before the commit. False where no transaction has begun: then it has to be done at once. */
export function beforeCommit(sql: Sql, work: () => Promise<void>): boolean {
  const last = endings.get(sql);
  last?.push(work);
  return last !== undefined;
}

/**
 * Opens a pool; connections are made at the first query.
 *
 * @param options.maxConnections default 10
 * @param options.kind decides how long it waits, and is waited for; default: request
 * @param options.waits where that kind of work is to wait otherwise
 * @param options.onError told of idle connections that broke (they are replaced by themselves)
 */
export function connectDatabase(options: {
  url: string;
  kind?: KindOfWork;
  maxConnections?: number;
  waits?: Partial<Waits>;
  onError?: (error: Error) => void;
}): DatabasePool {
  const report = options.onError ?? (() => {});
  const adapter = fillingLarge(
    new PrismaPg(
      {
        ...connectionSettings({ kind: "request", ...options }),
        max: options.maxConnections ?? 10,
        idleTimeoutMillis: 30_000,
        Client: BoundedClient,
      },
      { onPoolError: report, onConnectionError: report },
    ),
  );
  const prisma = new PrismaClient({ adapter });
  const transaction: Database["transaction"] = (work, timeoutMs) =>
    prisma.$transaction(
      async (sql) => {
        const last: Array<() => Promise<void>> = [];
        endings.set(sql, last);
        const result = await work(sql);
        for (const end of last) await end();
        return result;
      },
      { maxWait: 20_000, timeout: timeoutMs },
    );
  return { prisma, url: options.url, transaction, close: () => prisma.$disconnect() };
}

/** Whether the database answers now. */
export async function isReachable(db: Database): Promise<boolean> {
  return db.prisma.$queryRaw`SELECT 1`.then(
    () => true,
    () => false,
  );
}

/**
 * Whether anybody waits in this database for a lock of a session that has been silent for so long in the middle of its transaction.
 * Asked on a connection of its own: those of a pool may all be what waits.
 *
 * @throws when no connection is to be had
 */
export async function locksAreHeld({ url }: Pick<Database, "url">, silentMs: number): Promise<boolean> {
  const client = new pg.Client(connectionSettings({ url, kind: "round" }));
  // One that breaks meanwhile fails the query too.
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT 1 FROM pg_stat_activity waiting
       CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocking(pid)
       JOIN pg_stat_activity holder ON holder.pid = blocking.pid
       WHERE waiting.datname = current_database() AND waiting.wait_event_type = 'Lock'
         AND holder.state LIKE 'idle in transaction%'
         AND holder.state_change < clock_timestamp() - $1::int * interval '1 millisecond' LIMIT 1`,
      [silentMs],
    );
    return rows.length > 0;
  } finally {
    await client.end();
  }
}

/**
 * Runs `work` in one transaction: its own, or the one that `db` is already. Rows that decisions depend on are locked by the
 * work itself.
 */
export function inTransaction<T>(
  db: Database,
  work: (sql: Sql) => Promise<T>,
  { timeoutMs = 120_000 }: { timeoutMs?: number } = {},
): Promise<T> {
  return db.transaction(work, timeoutMs);
}

/**
 * Runs `work` with a database whose every statement belongs to one transaction, which all transactions that it begins join:
 * several functions of this package take effect together or not at all.
 */
export function inOneTransaction<T>(
  db: Database,
  work: (one: Database) => Promise<T>,
  options?: { timeoutMs?: number },
): Promise<T> {
  return inTransaction(
    db,
    (sql) => work({ prisma: sql, url: db.url, transaction: (inner) => inner(sql) }),
    options,
  );
}
