import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { passOver } from "./refused-body.js";

it("a refused body is read on while it comes, and not waited for when it falls silent", async () => {
  const body = new Readable({ read: () => {} });
  body.push(Buffer.alloc(1_000));
  await passOver(body, 20);
  expect(body.readableEnded).toBe(false);

  const whole = Readable.from([Buffer.alloc(1_000), Buffer.alloc(1_000)]);
  await passOver(whole, 60_000);
  expect(whole.readableEnded).toBe(true);
});
