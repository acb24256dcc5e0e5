import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "./generated/client.js";
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
 * How long the server waits for us, and has us wait. A process that falls silent in mid-transaction (its network was cut,
 * it was stopped, its machine lost power) holds its locks until `idleInTransactionMs`, as long as a lease; what waits for
 * such a lock gives up before its own transaction would expire, and is done again.
 */
export const defaultWaits = { idleInTransactionMs: 20_000, lockMs: 15_000, statementMs: 110_000 };

/** Probes of a connection on which nothing moves, by both ends: a peer that is gone is noticed within half a minute. */
const keepAliveSeconds = { idle: 10, interval: 5, count: 3 };

/** Settings of every session, told when it begins. */
function sessionSettings(waits: typeof defaultWaits): string {
  const { idle, interval, count } = keepAliveSeconds;
  return Object.entries({
    idle_in_transaction_session_timeout: waits.idleInTransactionMs,
    lock_timeout: waits.lockMs,
    statement_timeout: waits.statementMs,
    tcp_keepalives_idle: idle,
    tcp_keepalives_interval: interval,
    tcp_keepalives_count: count,
    tcp_user_timeout: 1000 * (idle + count * interval),
  })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

/**
 * Opens a pool; connections are made at the first query.
 *
 * @param options.maxConnections default 10
 * @param options.waits see {@link defaultWaits}
 * @param options.onError told of idle connections that broke (they are replaced by themselves)
 */
export function connectDatabase(options: {
  url: string;
  maxConnections?: number;
  waits?: Partial<typeof defaultWaits>;
  onError?: (error: Error) => void;
}): DatabasePool {
  const report = options.onError ?? (() => {});
  const adapter = fillingLarge(
    new PrismaPg(
      {
        connectionString: options.url,
        max: options.maxConnections ?? 10,
        connectionTimeoutMillis: 10_000,
        idleTimeoutMillis: 30_000,
        keepAlive: true,
        keepAliveInitialDelayMillis: 1000 * keepAliveSeconds.idle,
        options: sessionSettings({ ...defaultWaits, ...options.waits }),
        application_name: "reprise",
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
  const client = new pg.Client({ connectionString: url, application_name: "reprise" });
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
