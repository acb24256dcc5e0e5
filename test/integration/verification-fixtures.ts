import { settleVerifications } from "@reprise/api";
import { pageOf, type RungKind, run, verification } from "@reprise/contracts";
import { finishAttempt, writeBatch } from "@reprise/database";
import { afterAll, expect } from "vitest";
import { batchOf, stretch } from "../support/database-fixtures.js";
import { announceWorker, claim, smallStudy, startTestApi } from "./api-harness.js";

export type Ladder = Array<[kind: RungKind, position: number, digest: string]>;

/** The ladder of a run of two steps. */
export const ladder: Ladder = [
  ["configuration", 0, "c"],
  ["dataset", 0, "d"],
  ["step", 0, "s0"],
  ["step", 1, "s1"],
  ["finalWeights", 0, "w"],
];

const digest = (text: string) => Buffer.from(text.padEnd(32, ".")).toString("hex");

/** A server with one worker, for the verifications of one test file; closed after its last test. */
export async function verificationsOfFile() {
  const api = await startTestApi();
  const worker = await announceWorker(api);
  afterAll(() => api.close());

  /** Trains a run with this ladder and accuracy; a free one records an order. */
  async function train(
    runId: string,
    ladder: Ladder,
    { accuracy = 0.9, order = true }: { accuracy?: number; order?: boolean } = {},
  ) {
    const ref = await claim(api, worker, runId);
    await writeBatch(
      api.db,
      ref,
      batchOf(0, {
        metrics: [stretch("testAccuracy", 1, [accuracy])],
        digests: ladder.map(([kind, position, text]) => ({
          kind,
          positions: [position],
          digests: [digest(text)],
        })),
        tensorDigests: [],
        reductionOrders: order ? [{ firstStep: 0, orders: [[1, 0]] }] : [],
      }),
    );
    await finishAttempt(api.db, ref, {
      status: "succeeded",
      digest: digest(ladder.find(([kind]) => kind === "finalWeights")?.[2] ?? "final"),
      selectedEpoch: 1,
      phases: {},
      energy: null,
    });
  }

  /** A study of one configuration with its runs in order, the det one first. */
  async function study(more: Partial<typeof smallStudy> = {}) {
    const created = await api.createSweep({
      ...smallStudy,
      search: { method: "grid", parameters: { optimizer: ["adam"] } },
      modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
      order: "listed",
      ...more,
    });
    const { items } = await api.get(`/runs?sweepId=${created.id}`, pageOf(run));
    const of = (arm: string) => items.find((item) => item.arm === arm)?.id ?? "";
    return { id: created.id, det: of("det"), free: of("free") };
  }
  async function ask(runId: string, kind: "verify" | "replay") {
    const answer = await api.call("POST", `/runs/${runId}/${kind}`);
    expect(answer.status, answer.text).toBe(202);
    return verification.parse(answer.json);
  }
  const settle = () => settleVerifications(api.db, api.context.log);
  const read = (id: string) => api.get(`/verifications/${id}`, verification);

  return { api, worker, train, study, ask, settle, read };
}
