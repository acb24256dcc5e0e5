import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { acyclic, compressed, entrySize, pageList, supervised } from "./build/plugins.js";

/** Where the API listens during development; the built dashboard is served by the API itself. */
const api = process.env.REPRISE_API ?? "http://127.0.0.1:3000";

/** The page's own address goes along as the host: the API takes requests from pages of the address that is asked only. */
const ours = { target: api, changeOrigin: false };
const proxy = { "/api": ours, "/healthz": ours };

export default defineConfig(({ command }) => {
  // A build started from a test run would otherwise inherit its environment and ship React's development build.
  if (command === "build") process.env.NODE_ENV = "production";
  return {
    plugins: [react(), acyclic(), entrySize(), pageList(), compressed(), supervised()],
    server: { host: "127.0.0.1", proxy },
    preview: { host: "127.0.0.1", proxy },
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2022",
      chunkSizeWarningLimit: 900,
      // All pages' own rules are a seventh of the component library's: one file is there before the first page is.
      cssCodeSplit: false,
      license: { fileName: "licenses.md" },
      rolldownOptions: {
        output: {
          chunkFileNames: ({ name }) => `assets/${name.split("~")[0]}-[hash].js`,
          // Few files, and none that import each other in a circle, whatever is imported tomorrow: what every page needs, the
          // libraries that several pages share, and what is ours and shared. Each imports only from those before it.
          codeSplitting: {
            groups: [
              { name: "app", tags: ["$initial"], priority: 3 },
              { name: "library", test: /node_modules/, minShareCount: 2, priority: 2 },
              { name: "shared", minShareCount: 2, priority: 1 },
            ],
          },
        },
      },
    },
  };
});
