import { type DeclaredMetric, metricsOfStudy, type Sweep } from "@reprise/contracts";
import { capabilitiesOf, type Database } from "@reprise/database";

/** What is declared of metrics in a study: by its trainer, by its document, and afterwards. */
export async function declaredMetrics(db: Database, sweep: Sweep): Promise<DeclaredMetric[]> {
  const announced = await capabilitiesOf(db, sweep);
  return [...(announced?.metrics ?? []), ...metricsOfStudy(sweep)];
}
