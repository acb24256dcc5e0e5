import manifest from "../package.json" with { type: "json" };

/** Version of this server, as in its package file. */
export const serverVersion = manifest.version;
