import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm";
import pg from "pg";
import { prismaDirectory } from "./migrations.js";

const require = createRequire(import.meta.url);

/** What is used of the module behind the WebAssembly: its class, and the hook that ties it to an instance. */
type EngineModule = {
  SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm(exports: Record<string, unknown>): void;
};

/** The part of the WebAssembly interface that is used; Node's types do not declare it. */
declare const WebAssembly: {
  instantiate(
    binary: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let instances = 0;

/**
 * Loads Prisma's schema engine, compiled to WebAssembly, in an instance of its own: two engines that share one
 * instance corrupt each other's memory. The query in the address makes Node load the glue module afresh as well.
 */
async function loadEngine(): Promise<EngineModule> {
  const glue = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const address = pathToFileURL(glue);
  instances += 1;
  address.search = `instance=${instances}`;
  const module: EngineModule = await import(/* @vite-ignore */ address.href);
  const binary = await readFile(path.join(path.dirname(glue), "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(binary, { "./schema_engine_bg.js": { ...module } });
  module.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start === "function") start();
  return module;
}

/** Runs `work` with a schema engine connected to `url`. */
export async function withSchemaEngine<T>(
  url: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine: Engine } = await loadEngine();
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on("error", () => {});
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const schema = await readFile(path.join(prismaDirectory, "schema.prisma"), "utf8");
  const engine = await Engine.new({ datamodels: [["schema.prisma", schema]] }, () => {}, adapter);
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}
