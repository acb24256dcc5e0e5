import { createInterface } from "node:readline/promises";
import {
  type ImportDecisions,
  type ImportProposal,
  type ImportQuestion,
  importDecisions,
  metricFacts,
} from "@reprise/contracts";

type Ask = (prompt: string) => Promise<string>;

const isNone = (text: string) => /^(none|no|-)$/i.test(text);
const listOf = (text: string) =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

async function answerTo(
  question: ImportQuestion,
  proposal: ImportProposal,
  ask: Ask,
): Promise<ImportDecisions> {
  switch (question.id) {
    case "seed": {
      const text = await ask("column, none, or Enter: ");
      return text === "" ? {} : { seed: isNone(text) ? null : text };
    }
    case "arm": {
      const text = await ask("column, none, or Enter: ");
      return text === "" ? {} : { arm: isNone(text) ? null : { column: text } };
    }
    case "configuration": {
      const text = await ask("columns with commas between them, or Enter: ");
      return text === "" ? {} : { configuration: listOf(text) };
    }
    case "runs": {
      const text = await ask("keep unfinished and doubtful runs in the analyses? (yes, or Enter for no): ");
      return /^y/i.test(text) ? { unfinished: "keep" } : {};
    }
    case "commits": {
      const text = await ask("one study or several? (several, or Enter for one): ");
      return /^s/i.test(text) ? { commits: "several" } : {};
    }
    case "metric": {
      const name = (await ask("metric, or Enter: ")) || proposal.metric?.name;
      if (!name) return {};
      const known =
        name === proposal.metric?.name ? proposal.metric.direction : metricFacts(name, []).direction;
      const way = await ask(
        `is larger or smaller better? (${known === null ? "say it" : `Enter: ${known === "minimize" ? "smaller" : "larger"}`}): `,
      );
      const direction = /^s/i.test(way) ? "minimize" : /^l/i.test(way) ? "maximize" : known;
      if (direction === null) return answerTo(question, proposal, ask);
      const at = /^b/i.test(await ask("its last value or its best? (best, or Enter for last): "))
        ? "best"
        : "last";
      return { metric: { name, direction, at } };
    }
  }
}

/** Asks the questions of a proposal on the terminal, each once; Enter takes what is proposed. */
export async function askDecisions(
  proposal: ImportProposal,
  given: ImportDecisions,
): Promise<ImportDecisions> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    let decisions = given;
    for (const question of proposal.questions) {
      console.log(`\n${question.question}\n  ${question.proposed}`);
      const ask: Ask = async (prompt) => (await terminal.question(`  ${prompt}`)).trim();
      decisions = { ...decisions, ...(await answerTo(question, proposal, ask)) };
    }
    return importDecisions.parse(decisions);
  } finally {
    terminal.close();
  }
}
