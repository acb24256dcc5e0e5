import { expect, it } from "vitest";
import { isDatabaseFull } from "./errors.js";

const failure = (originalMessage: string) => ({
  meta: { driverAdapterError: { cause: { originalCode: "53100", originalMessage } } },
});

it("a full disk is told from shared memory that is used up, of which PostgreSQL has the same state", () => {
  expect(isDatabaseFull(failure('could not extend file "base/1/2": No space left on device'))).toBe(true);
  expect(
    isDatabaseFull(
      failure('could not resize shared memory segment "/PostgreSQL.1": No space left on device'),
    ),
  ).toBe(false);
});
