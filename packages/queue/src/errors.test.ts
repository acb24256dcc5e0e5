import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { limitErrors, withoutPassword } from "./errors.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("the same message is passed on once in ten seconds, and then with the number left out", () => {
  const messages: string[] = [];
  const report = limitErrors((error) => messages.push(error.message));
  for (let i = 0; i < 5; i++) report(new Error("connection refused"));
  report(new Error("something else"));
  expect(messages).toEqual(["connection refused", "something else"]);
  vi.advanceTimersByTime(10_000);
  report(new Error("connection refused"));
  expect(messages.at(-1)).toBe("connection refused (and 4 times before)");
});

test("an error without a message is named by its code", () => {
  const messages: string[] = [];
  limitErrors((error) => messages.push(error.message))(
    Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }),
  );
  expect(messages).toEqual(["ECONNREFUSED"]);
});

test("an address is shown without its password", () => {
  expect(withoutPassword("redis://user:secret@host:6379/1")).toBe("redis://user:***@host:6379/1");
  expect(withoutPassword("no address")).toBe("the given address");
});
