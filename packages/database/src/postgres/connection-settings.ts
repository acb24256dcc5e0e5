import pg from "pg";

/** How long the server waits for a session, and a session for the server; 0 is for ever. */
export type Waits = {
  /** A session that is silent for so long in the middle of its transaction is ended: until then it holds its locks. */
  idleInTransactionMs: number;
  /** What waits for such a lock gives up before its own transaction would expire, and is done again. */
  lockMs: number;
  statementMs: number;
};

/**
 * Waits by kind of work. A process that falls silent in mid-transaction (its network was cut, it was stopped, its machine lost power)
 * costs everybody else a lease at most, which is 20 s.
 */
export const waitsOf = {
  /** Of requests, and of what a worker writes of its runs. */
  request: { idleInTransactionMs: 20_000, lockMs: 15_000, statementMs: 110_000 },
  /** Of dispatcher and recovery, which come back after seconds: sooner given up than waited for. */
  round: { idleInTransactionMs: 10_000, lockMs: 5_000, statementMs: 10_000 },
  /** Of threads that read whole studies. */
  analysis: { idleInTransactionMs: 20_000, lockMs: 15_000, statementMs: 300_000 },
  /** Ten thousand runs are written at once, of which nobody knows before: one statement may take minutes. */
  import: { idleInTransactionMs: 20_000, lockMs: 15_000, statementMs: 600_000 },
  /** Pages of a thousand events. */
  listening: { idleInTransactionMs: 20_000, lockMs: 5_000, statementMs: 10_000 },
  /** Jobs are ids; a dispatcher waits for this in the middle of its round. */
  queue: { idleInTransactionMs: 20_000, lockMs: 5_000, statementMs: 10_000 },
  /** A new form of a large table takes as long as it takes, and a second migrator waits for it. */
  migration: { idleInTransactionMs: 20_000, lockMs: 0, statementMs: 0 },
} as const satisfies Record<string, Waits>;

export type KindOfWork = keyof typeof waitsOf;

/** Probes of a connection on which nothing moves, by both ends: a peer that is gone is noticed within half a minute. */
const keepAliveSeconds = { idle: 10, interval: 5, count: 3 };

/** By so long the server is first to end a statement, and to say so: then we know that nothing was written. */
const afterServerMs = 10_000;

/** How long to wait for the answer to a statement; null is for ever. */
const answerMs = ({ statementMs }: Waits) => (statementMs === 0 ? null : statementMs + afterServerMs);

/** Settings of a session, told when it begins. */
function sessionSettings(waits: Waits, kind: KindOfWork, searchPath?: string): string {
  const { idle, interval, count } = keepAliveSeconds;
  return Object.entries({
    idle_in_transaction_session_timeout: waits.idleInTransactionMs,
    // A migrator holds its lock between transactions, too, and is never silent there for longer than it takes to read a file.
    ...(kind === "migration" && { idle_session_timeout: waits.idleInTransactionMs }),
    lock_timeout: waits.lockMs,
    statement_timeout: waits.statementMs,
    tcp_keepalives_idle: idle,
    tcp_keepalives_interval: interval,
    tcp_keepalives_count: count,
    tcp_user_timeout: 1000 * (idle + count * interval),
    ...(searchPath !== undefined && { search_path: searchPath }),
  })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

const names: Record<KindOfWork, string> = {
  request: "reprise",
  round: "reprise-round",
  analysis: "reprise-analysis",
  import: "reprise-import",
  listening: "reprise-live",
  queue: "reprise-queue",
  migration: "reprise-migration",
};

/**
 * How every connection of ours is made. Over a link that is gone without a word (a cable, a firewall) a statement in hand would wait
 * until TCP has given up sending, a quarter of an hour on Linux: the answer has a limit of our own, too.
 */
export function connectionSettings({
  url,
  kind,
  waits = {},
  searchPath,
}: {
  url: string;
  kind: KindOfWork;
  waits?: Partial<Waits>;
  searchPath?: string;
}): pg.ClientConfig {
  const all = { ...waitsOf[kind], ...waits };
  const limitMs = answerMs(all);
  return {
    connectionString: url,
    application_name: names[kind],
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 1000 * keepAliveSeconds.idle,
    options: sessionSettings(all, kind, searchPath),
    ...(limitMs !== null && { query_timeout: limitMs }),
  };
}

/** What the driver says of an answer that did not come within `query_timeout`. */
const lateAnswer = "Query read timeout";

/**
 * Whether the answer to a statement did not come in time. What the statement was to do may have been done or not, as where a connection
 * breaks.
 */
export const isAnswerLate = (error: unknown): boolean =>
  error instanceof Error && error.message.includes(lateAnswer);

/**
 * A client that is of no use once an answer was late. The driver itself would go on with it, and a pool would lend it again, of which
 * nobody knows how far it is: it may be in the middle of a transaction, which what comes next would join.
 */
export class BoundedClient extends pg.Client {
  override query(...args: unknown[]): ReturnType<typeof Reflect.apply> {
    const answer: unknown = Reflect.apply(super.query, this, args);
    if (answer instanceof Promise)
      answer.catch((error: unknown) => {
        if (isAnswerLate(error)) this.end().catch(() => {});
      });
    return answer;
  }
}
