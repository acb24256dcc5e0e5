import { createHash } from "node:crypto";
import { type Claim, claimSubjectLabels, crateFiles } from "@reprise/contracts";
import { z } from "zod";

/** A file of an archive as its description lists it. */
export type CrateFile = {
  path: string;
  /** MIME type. */
  type: string;
  description: string;
  /** Bytes. */
  size: number;
  /** SHA-256, lower-case hex. */
  sha256: string;
};

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const reference = (id: string) => ({ "@id": id });

/**
 * The description of an archive as RO-Crate 1.1 wants it: JSON-LD that names every file with size and SHA-256, and says
 * what made them. Source: RO-Crate Metadata Specification 1.1, https://w3id.org/ro/crate/1.1.
 */
export function crateMetadata(input: {
  name: string;
  description: string;
  /** UTC, ISO 8601. */
  published: string;
  started: string | null;
  ended: string | null;
  software: { name: string; version: string };
  trainer: { name: string; version: string } | null;
  keywords: readonly string[];
  files: readonly CrateFile[];
  /** How what is said of the study's runs is known. */
  claims: readonly Claim[];
}): object {
  const { files, software, trainer } = input;
  const instruments = [
    { ...software, "@id": "#software", "@type": "SoftwareApplication" },
    ...(trainer ? [{ ...trainer, "@id": "#trainer", "@type": "SoftwareApplication" }] : []),
  ];
  const claims = input.claims.map(({ subject, value, known, reason, departs }) => ({
    "@id": `#claim-${subject}`,
    "@type": "PropertyValue",
    propertyID: subject,
    name: claimSubjectLabels[subject],
    value,
    measurementTechnique: known ?? "not recorded",
    description: `${known ?? "not recorded"}${departs ? ", not as requested" : ""}: ${reason}`,
  }));
  const results = files.filter(({ path }) => path.startsWith("runs/"));
  return {
    // SHA-256 came into schema.org after the vocabulary that version 1.1 fixes.
    "@context": ["https://w3id.org/ro/crate/1.1/context", { sha256: "https://schema.org/sha256" }],
    "@graph": [
      {
        "@id": crateFiles.metadata,
        "@type": "CreativeWork",
        conformsTo: reference("https://w3id.org/ro/crate/1.1"),
        about: reference("./"),
      },
      {
        "@id": "./",
        "@type": "Dataset",
        name: input.name,
        description: input.description,
        datePublished: input.published,
        ...(input.keywords.length > 0 ? { keywords: input.keywords.join(", ") } : {}),
        hasPart: files.map(({ path }) => reference(path)),
        mentions: reference("#study"),
      },
      {
        "@id": "#study",
        "@type": "CreateAction",
        name: `Trainings of ${input.name}`,
        ...(input.started ? { startTime: input.started } : {}),
        ...(input.ended ? { endTime: input.ended } : {}),
        instrument: instruments.map((item) => reference(item["@id"])),
        object: reference(crateFiles.spec),
        result: results.map(({ path }) => reference(path)),
        additionalProperty: claims.map(({ "@id": id }) => reference(id)),
      },
      ...claims,
      ...instruments,
      ...files.map(({ path, type, description, size, sha256: digest }) => ({
        "@id": path,
        "@type": "File",
        name: path,
        description,
        encodingFormat: type,
        contentSize: String(size),
        sha256: digest,
      })),
    ],
  };
}

const graph = z.object({
  "@graph": z.array(z.looseObject({ "@id": z.string(), "@type": z.unknown() })),
});
const fileEntity = z.object({
  "@id": z.string(),
  "@type": z.literal("File"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** SHA-256 of every file that a description names; null when it is not the description of an archived study. */
export function listedDigests(metadata: unknown): Map<string, string> | null {
  const parsed = graph.safeParse(metadata);
  if (!parsed.success) return null;
  const files = parsed.data["@graph"].filter((entity) => entity["@type"] === "File");
  const listed = files.map((entity) => fileEntity.safeParse(entity));
  if (listed.some(({ success }) => !success)) return null;
  return new Map(listed.flatMap(({ data }) => (data ? [[data["@id"], data.sha256] as const] : [])));
}
