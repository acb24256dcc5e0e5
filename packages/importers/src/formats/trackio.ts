import type { ForeignRun } from "@reprise/contracts";
import type { Reading } from "../files/reading.js";
import type { Scratch } from "../files/unpacked.js";
import type { Cell } from "../sqlite/database.js";
import { eachDatabase, scanWhole } from "../sqlite/found-databases.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { isObject, measuredOf, tryJson } from "../values/loose-json.js";
import { flatParams } from "../values/params.js";
import { countsOf, emptyRun, markShortRuns } from "../values/run.js";
import { isoOf, millisecondsOf } from "../values/times.js";
import type { Found } from "./found.js";

/** JSON of a cell: a text in older versions, bytes in newer ones. */
const jsonOf = (cell: Cell | undefined): unknown =>
  tryJson(Buffer.isBuffer(cell) ? cell.toString("utf8") : String(cell ?? ""));

type Open = { run: ForeignRun; start: number | null; histories: Histories };

/** Databases of Trackio: nothing in them says how a run ended. */
export async function readTrackio(reading: Reading, scratch: Scratch): Promise<Found> {
  const runs: ForeignRun[] = [];
  await eachDatabase(reading, "trackio", scratch, (database, file) => {
    const open = new Map<string, Open>();
    const hasId = database.columns("metrics").includes("run_id");
    const key = hasId ? "run_id" : "run_name";
    const openRun = (id: string, name: string): Open => {
      const known = open.get(id);
      if (known !== undefined) return known;
      const made = { run: emptyRun("trackio", id, file), start: null, histories: new Map() };
      made.run.name = name;
      open.set(id, made);
      return made;
    };
    scanWhole(reading, file, database, "configs", [key, "run_name", "config"], ([id, name, json]) => {
      const entry = openRun(String(id), String(name));
      const config = jsonOf(json);
      if (!isObject(config)) return;
      const { _Username, _Created, _Group, ...given } = config;
      Object.assign(entry.run, flatParams(given));
      entry.start = millisecondsOf(_Created);
      entry.run.startedAt = isoOf(entry.start);
      if (typeof _Group === "string") entry.run.group = _Group;
    });
    scanWhole(
      reading,
      file,
      database,
      "metrics",
      [key, "run_name", "step", "timestamp", "metrics"],
      (cells) => {
        const [id, name, step, time, json] = cells;
        const { histories } = openRun(String(id), String(name));
        const at = millisecondsOf(time) ?? Number.NaN;
        const add = (metric: string, value: unknown) => {
          const number = measuredOf(value);
          if (number !== null) addPoint(histories, metric, Number(step), number, at);
          else if (isObject(value) && !Object.hasOwn(value, "_type"))
            for (const [inner, part] of Object.entries(value)) add(`${metric}/${inner}`, part);
        };
        const values = jsonOf(json);
        if (isObject(values)) for (const [metric, value] of Object.entries(values)) add(metric, value);
      },
    );
    const counts = countsOf([...open.values()].map(({ run }) => run.name));
    for (const { run, start, histories } of open.values()) {
      // People and Trackio's own pages know a run by its name; two of one name are told apart by their ids.
      if (counts.get(run.name) === 1) run.source.id = run.name;
      run.metrics = heldMetrics(histories, "float64", start);
      runs.push(run);
    }
  });
  markShortRuns(runs);
  return { runs };
}
