import { expect, it } from "vitest";
import { closeForbidden, type Leave } from "./event-streams.js";

it("asks once for each token, few at a time, and turns nobody out whose token nobody could look up", async () => {
  const asked: string[] = [];
  const closed: string[] = [];
  let [asking, mostAsking] = [0, 0];
  const answers: Record<string, () => boolean> = {
    revoked: () => false,
    unknown: () => {
      throw new Error("the database is away");
    },
  };
  const leaveOf = (by: string): Leave => ({
    by,
    isGood: async () => {
      asked.push(by);
      asking += 1;
      mostAsking = Math.max(mostAsking, asking);
      await new Promise(setImmediate);
      asking -= 1;
      return answers[by]?.() ?? true;
    },
  });
  const tokens = ["revoked", "unknown", ...Array.from({ length: 20 }, (_, at) => `good ${at}`)];
  const streams = [...tokens, ...tokens].map((by) => [() => void closed.push(by), leaveOf(by)] as const);
  await closeForbidden(new Map(streams));
  expect(asked.sort()).toEqual(tokens.sort());
  expect(closed).toEqual(["revoked", "revoked"]);
  expect(mostAsking).toBeLessThanOrEqual(3);
});
