import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { acyclic, compressed, pageList, supervised } from "./build/plugins.js";

/** Where the API listens during development; the built dashboard is served by the API itself. */
const api = process.env.REPRISE_API ?? "http://127.0.0.1:3000";

export default defineConfig(({ command }) => {
  // A build started from a test run would otherwise inherit its environment and ship React's development build.
  if (command === "build") process.env.NODE_ENV = "production";
  return {
    plugins: [react(), acyclic(), pageList(), compressed(), supervised()],
    server: { host: "127.0.0.1", proxy: { "/api": api, "/healthz": api } },
    preview: { host: "127.0.0.1", proxy: { "/api": api, "/healthz": api } },
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2022",
      chunkSizeWarningLimit: 900,
      // All pages' own rules are a seventh of the component library's: one file is there before the first page is.
      cssCodeSplit: false,
      rolldownOptions: {
        output: {
          chunkFileNames: ({ name }) => `assets/${name.split("~")[0]}-[hash].js`,
          // Few files: one for what every page needs, and of what several pages share as few as pages can do with. Libraries
          // stand apart because nothing in them imports what is ours, and contracts because nothing in them imports
          // what pages share.
          codeSplitting: {
            groups: [
              { name: "app", tags: ["$initial"], priority: 2 },
              {
                name: "library",
                test: /node_modules/,
                minShareCount: 2,
                priority: 1.5,
                entriesAware: true,
                entriesAwareMergeThreshold: 40_000,
              },
              {
                name: "contracts",
                test: /packages.contracts/,
                minShareCount: 2,
                priority: 1.2,
                entriesAware: true,
                entriesAwareMergeThreshold: 40_000,
              },
              {
                name: "shared",
                minShareCount: 2,
                priority: 1,
                entriesAware: true,
                entriesAwareMergeThreshold: 40_000,
              },
            ],
          },
        },
      },
    },
  };
});
