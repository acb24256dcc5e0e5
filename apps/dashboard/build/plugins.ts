import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip, gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";
import { pageNeeds } from "./page-needs.js";

type Chunk = Rolldown.OutputChunk;

/** A chunk and everything that it imports statically. */
function closure(bundle: Rolldown.OutputBundle, file: string, found = new Set<string>()): Set<string> {
  const part = bundle[file];
  if (part?.type !== "chunk" || found.has(file)) return found;
  found.add(file);
  for (const imported of part.imports) closure(bundle, imported, found);
  return found;
}

function scriptsOf(bundle: Rolldown.OutputBundle, chunks: Chunk[], module: string): string[] {
  const entry = chunks.find(({ isEntry }) => isEntry);
  const page = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/src/${module}`));
  if (!entry || !page) throw new Error(`build/page-needs.ts: no chunk of the build is ${module}`);
  const already = closure(bundle, entry.fileName);
  return [...closure(bundle, page.fileName)].filter((file) => !already.has(file)).map((file) => `/${file}`);
}

/** Writes `pages.json`: per page its scripts beyond the entry, and what it reads first. The API's start page names both. */
export function pageList(): Plugin {
  return {
    name: "page-list",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const chunks = Object.values(bundle).filter((part) => part.type === "chunk");
        const pages = pageNeeds.map(({ path, with: having = [], without = [], reads = [], module }) => ({
          path,
          with: having,
          without,
          reads: ["/session", ...reads].map((read) => `/api/v1${read}`),
          scripts: scriptsOf(bundle, chunks, module),
        }));
        this.emitFile({ type: "asset", fileName: "pages.json", source: JSON.stringify(pages) });
      },
    },
  };
}

/** Refuses a build whose chunks import each other in a circle: one of them would run before what it needs. */
export function acyclic(): Plugin {
  return {
    name: "acyclic",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const part of Object.values(bundle)) {
          if (part.type !== "chunk") continue;
          const way = part.imports.find((imported) => closure(bundle, imported).has(part.fileName));
          if (way)
            this.error(`${part.fileName} and ${way} import each other: see codeSplitting in vite.config.ts`);
        }
      },
    },
  };
}

/** What a first visit fetches before any page of its own: scripts of the entry, gzipped, in kB. */
const mostEntryKb = 200;

/** Refuses a build whose entry has grown too large, and says how large it is. */
export function entrySize(): Plugin {
  return {
    name: "entry-size",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const entry = Object.values(bundle).find((part) => part.type === "chunk" && part.isEntry);
        if (!entry) throw new Error("the build has no entry");
        const scripts = [...closure(bundle, entry.fileName)].flatMap((file) => {
          const part = bundle[file];
          return part?.type === "chunk" ? [gzipSync(part.code, { level: 9 }).length] : [];
        });
        const kb = scripts.reduce((sum, bytes) => sum + bytes, 0) / 1000;
        const words = `the entry is ${kb.toFixed(1)} kB gzipped, in ${scripts.length} files; at most ${mostEntryKb} kB`;
        if (kb > mostEntryKb) this.error(words);
        console.log(words);
      },
    },
  };
}

/** Puts `.br` and `.gz` beside every text file of the build, for the server to send. */
export function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle({ dir = "dist" }) {
      const assets = join(dir, "assets");
      const names = (await readdir(assets)).filter((name) => /\.(js|css|svg)$/.test(name));
      await Promise.all(
        names.map(async (name) => {
          const content = await readFile(join(assets, name));
          if (content.length < 1024) return;
          const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
          await writeFile(join(assets, `${name}.br`), await promisify(brotliCompress)(content, { params }));
          await writeFile(join(assets, `${name}.gz`), await promisify(gzip)(content, { level: 9 }));
        }),
      );
    },
  };
}

/** While it serves sources: tells who started it where, and ends with it. */
export function supervised(): Plugin {
  return {
    name: "supervised",
    apply: "serve",
    configureServer(server) {
      if (!process.send) return;
      process.once("disconnect", () => void server.close().then(() => process.exit()));
      server.httpServer?.once("listening", () => {
        const address = server.httpServer?.address();
        const port = typeof address === "object" ? address?.port : server.config.server.port;
        process.send?.({ type: "ready", text: `http://${server.config.server.host}:${port}` });
      });
    },
  };
}
