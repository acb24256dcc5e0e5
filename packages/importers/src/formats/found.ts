import type { ForeignRun, SetAside } from "@reprise/contracts";

/** What a reader finds; warnings go into the reading. */
export type Found = { runs: ForeignRun[]; setAside?: SetAside[]; tagsAre?: string };
