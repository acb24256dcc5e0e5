import { join } from "node:path";

/** Folder of the artifact store of a data directory. */
export const artifactStore = (dataDirectory: string): string => join(dataDirectory, "artifacts");

/** Where in a store the file with this SHA-256 lies. */
export const placeInStore = (store: string, digest: string): string =>
  join(store, "sha256", digest.slice(0, 2), digest);
