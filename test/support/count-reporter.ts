import { writeFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import type { SerializedError } from "vitest";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { countsFile, countsLine } from "./test-counts.js";

/** A failed `beforeAll` leaves its tests "skipped"; they were not, they could not run. */
function hasBrokenSuite(test: TestCase): boolean {
  for (let parent = test.parent; parent.type === "suite"; parent = parent.parent) {
    if (parent.errors().length > 0) return true;
  }
  return false;
}

/** What an error says, in one line that a log can end with. */
function inOneLine(errors: readonly { message: string }[]): string {
  const message = stripVTControlCharacters(errors[0]?.message ?? "no error was told").replace(/\s+/g, " ");
  return message.length > 300 ? `${message.slice(0, 300)} …` : message;
}

/** Says of every skipped test why it was skipped; leaves the counts for whoever asked for them, or prints them. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[] = []): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failures: string[] = [];
    const reasons = new Map<string, number>();
    let broken = unhandled.length;
    for (const module of modules) {
      const errors = [module, ...module.children.allSuites()].flatMap((part) => part.errors());
      broken += errors.length;
      if (errors.length > 0) failures.push(`${module.relativeModuleId}, its set-up: ${inOneLine(errors)}`);
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "pending") continue;
        counts[result.state] += 1;
        if (result.state === "failed") {
          failures.push(`${module.relativeModuleId} > ${test.fullName}: ${inOneLine(result.errors)}`);
        }
        if (result.state !== "skipped") continue;
        const reason = result.note ?? (hasBrokenSuite(test) ? "the set-up of its suite failed" : test.name);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of reasons) console.log(`skipped ${count}: ${reason}`);
    const whole = { ...counts, failed: counts.failed + broken, failures };
    const asked = process.env[countsFile];
    if (asked) writeFileSync(asked, JSON.stringify(whole));
    else console.log(countsLine(whole));
  }
}
