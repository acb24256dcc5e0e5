import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Tokenizer } from "@huggingface/tokenizers";

/** Tokens of the published vocabulary, and the two that begin and end every text. */
export const vocabularySize = 49_408;
export const startToken = 49_406;
export const endToken = 49_407;
/** What stands behind the end token; a causal model never reads it. */
export const paddingToken = 0;

/** Merges that belong to the vocabulary: 256 bytes, the same at the end of a word, two marks, and one token per merge. */
const mergeCount = vocabularySize - 2 * 256 - 2;

/** Printable stand-ins for all bytes, in the order of the published vocabulary (Radford et al. 2019). */
function byteCharacters(): string[] {
  const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const printable = [...span(33, 126), ...span(161, 172), ...span(174, 255)];
  const others = span(0, 255).filter((byte) => !printable.includes(byte));
  return [
    ...printable.map((byte) => String.fromCharCode(byte)),
    ...others.map((_, i) => String.fromCharCode(256 + i)),
  ];
}

/** A text as CLIP reads it: ids of the published vocabulary, padded to the context length. */
type TokenizedText = {
  ids: Int32Array;
  /** Position of the end token. */
  end: number;
};

export type ClipTokenizer = {
  /** Lower-cased byte-pair encoding; a text that is too long loses its tail, and its last place holds the end token. */
  encode(text: string, contextLength: number): TokenizedText;
};

/**
 * The tokenizer of CLIP (Radford et al. 2021) from its file of merges in `folder`. HTML entities are resolved as OpenCLIP
 * does; its repair of wrongly decoded characters (ftfy) is not done.
 */
export function loadClipTokenizer(folder: string): ClipTokenizer {
  const lines = gunzipSync(readFileSync(join(folder, "clip-bpe.txt.gz")))
    .toString("utf8")
    .split("\n");
  const merges = lines.slice(1, 1 + mergeCount);
  const bytes = byteCharacters();
  const tokens = [
    ...bytes,
    ...bytes.map((character) => `${character}</w>`),
    ...merges.map((merge) => merge.replace(" ", "")),
    "<|startoftext|>",
    "<|endoftext|>",
  ];
  const tokenizer = new Tokenizer(
    {
      version: "1.0",
      added_tokens: [],
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "NFC" },
          { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
          { type: "Lowercase" },
        ],
      },
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          {
            type: "Split",
            pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
            behavior: "Removed",
            invert: true,
          },
          { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: null,
      model: {
        type: "BPE",
        unk_token: "<|endoftext|>",
        end_of_word_suffix: "</w>",
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges,
      },
    },
    {},
  );
  return {
    encode(text, contextLength) {
      const inner = tokenizer.encode(unescapeHtml(unescapeHtml(text)).trim(), {
        add_special_tokens: false,
      }).ids;
      const ids = new Int32Array(contextLength).fill(paddingToken);
      const kept = inner.slice(0, contextLength - 2);
      ids.set([startToken, ...kept, endToken]);
      return { ids, end: kept.length + 1 };
    },
  };
}

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : Number.NaN;
    if (Number.isNaN(code)) return named[String(name).toLowerCase()] ?? whole;
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
