/** SHA-256 over names and contents of files and folders, to know whether a build is up to date. */
export function contentDigest(root: string, paths: readonly string[]): string;

/** Where the bundle of the sources as they are now lies, or will lie: its folder below `folder`, and its main file. */
export function programBundle(): { folder: string; name: string; main: string };
