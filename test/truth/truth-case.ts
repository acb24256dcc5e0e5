import type { ApiUnderTest } from "../integration/api-harness.js";

/** What a case may use of the product: one API on a real database, started for whoever asks first. */
export type TruthTools = { api(): Promise<ApiUnderTest> };

/** One input that used to be told wrongly, and what is said of it now. */
export type TruthCase = {
  /** The sentence of the requirement that it belongs to. */
  bullet: string;
  kind: string;
  input: string;
  /** What commit fa050f8 said, verbatim where that is short. */
  before: string;
  /** What is said now: exactly what `observe` gives. */
  after: string;
  observe(tools: TruthTools): Promise<string>;
};
