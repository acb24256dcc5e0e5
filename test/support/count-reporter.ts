import type { Reporter, TestModule } from "vitest/node";

/** Closes a run with one plain line of counts, and says of every skipped test why it was skipped. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const reasons = new Map<string, number>();
    let broken = 0;
    for (const module of modules) {
      broken += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "pending") continue;
        counts[result.state] += 1;
        if (result.state === "skipped") {
          const reason = result.note ?? test.name;
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
      }
    }
    for (const [reason, count] of reasons) console.log(`skipped ${count}: ${reason}`);
    console.log(`${counts.passed} passed, ${counts.failed + broken} failed, ${counts.skipped} skipped`);
  }
}
