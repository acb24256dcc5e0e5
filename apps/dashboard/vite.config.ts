import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where the API listens during development; the built dashboard is served by the API itself. */
const api = process.env.REPRISE_API ?? "http://127.0.0.1:3000";

export default defineConfig(({ command }) => {
  // A build started from a test run would otherwise inherit its environment and ship React's development build.
  if (command === "build") process.env.NODE_ENV = "production";
  return {
    plugins: [react()],
    server: { host: "127.0.0.1", proxy: { "/api": api, "/healthz": api } },
    preview: { host: "127.0.0.1", proxy: { "/api": api, "/healthz": api } },
    build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 900 },
  };
});
