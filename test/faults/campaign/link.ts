import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** How a network fails: nothing moves and nobody is told (`silent`), connections break (`cut`), everything is late (`slow`). */
export type LinkFault = "silent" | "cut" | "slow";

/** A stretch of network between two programs, which a test can take away. */
export type Link = {
  readonly port: number;
  fail(how: LinkFault): void;
  /**
   * As before. Connections that were silent go on, are gone (`forgotten`), as after a firewall that lost its table and says so, or stay
   * silent for ever (`dropped`), as after one that does not.
   */
  restore(how: "resumed" | "forgotten" | "dropped"): void;
  close(): Promise<void>;
};

const slowMs = 150;

type Pair = { inward: Socket; outward: Socket; dropped: boolean };

/** Listens on a free port of this machine, and hands everything on to `port`. */
export async function openLink(port: number): Promise<Link> {
  const pairs = new Set<Pair>();
  let fault: LinkFault | null = null;

  const end = (pair: Pair) => {
    // An end that nobody hears of is heard of when the network is back.
    if (fault === "silent" || pair.dropped) return;
    pairs.delete(pair);
    pair.inward.destroy();
    pair.outward.destroy();
  };
  const hand = (pair: Pair, from: Socket, to: Socket) => {
    from.setNoDelay(true);
    /** When the last chunk that waits is due: what comes after it must not overtake it. */
    let lastDue = 0;
    const write = (chunk: Buffer) => {
      if (to.destroyed || to.write(chunk)) return;
      from.pause();
      to.once("drain", () => fault !== "silent" && !pair.dropped && from.resume());
    };
    from.on("data", (chunk: Buffer) => {
      const now = performance.now();
      if (fault !== "slow" && lastDue < now) {
        write(chunk);
        return;
      }
      lastDue = Math.max(lastDue + 1, now + slowMs);
      setTimeout(() => write(chunk), lastDue - now);
    });
    from.on("error", () => end(pair));
    from.on("close", () => end(pair));
  };
  const server = createServer((inward) => {
    if (fault === "cut") {
      inward.destroy();
      return;
    }
    const outward = connect(port, "127.0.0.1");
    const pair = { inward, outward, dropped: false };
    pairs.add(pair);
    hand(pair, inward, outward);
    hand(pair, outward, inward);
    if (fault === "silent") for (const socket of [inward, outward]) socket.pause();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the link has no port");

  return {
    port: address.port,
    fail(how) {
      fault = how;
      if (how === "cut") for (const pair of pairs) end(pair);
      if (how === "silent")
        for (const { inward, outward } of pairs) for (const socket of [inward, outward]) socket.pause();
    },
    restore(how) {
      const wasSilent = fault === "silent";
      fault = null;
      if (!wasSilent) return;
      for (const pair of pairs) {
        if (pair.dropped) continue;
        if (how === "dropped") pair.dropped = true;
        else if (how === "forgotten" || pair.inward.destroyed || pair.outward.destroyed) end(pair);
        else for (const socket of [pair.inward, pair.outward]) socket.resume();
      }
    },
    async close() {
      fault = null;
      for (const pair of pairs) {
        pair.dropped = false;
        end(pair);
      }
      server.close();
      await once(server, "close");
    },
  };
}
