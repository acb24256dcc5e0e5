import { expect, it } from "vitest";
import { fieldsOf, MalformedMessage } from "./protobuf.js";

it("holds no message of more fields than any tracker writes", () => {
  const fields = (count: number) => Buffer.alloc(2 * count, Buffer.from([8, 1]));
  expect(fieldsOf(fields(100_000)).get(1)).toHaveLength(100_000);
  expect(() => fieldsOf(fields(100_001))).toThrow(MalformedMessage);
});
