import { type RunDetail, splitOfName } from "@reprise/contracts";
import { Section } from "../../shared/ui/section.js";
import { Snippet, Snippets } from "../../shared/ui/snippet.js";

function commandLine(run: RunDetail): string {
  const replay =
    run.execution.order === "free"
      ? `\n# once more in the recorded order of additions: gives the same bits\nnpx pnpm reprise replay ${run.id}`
      : "";
  return `# train it again, compare to the bit, say where the two part\nnpx pnpm reprise verify ${run.id}${replay}`;
}

function python(run: RunDetail, origin: string): string {
  const key = Object.keys(run.summary).find((name) => splitOfName(name) === "validation") ?? "validationLoss";
  return `import json, urllib.request

def get(path):
    return json.load(urllib.request.urlopen("${origin}/api/v1" + path))

run = get("/runs/${run.id}")
print(run["status"], run["digest"], run["effectiveParams"])

history = get("/runs/${run.id}/metrics?keys=${encodeURIComponent(key)}")["series"][${JSON.stringify(key)}]
print(list(zip(history["steps"], history["values"])))   # every recorded point`;
}

/** The run from a terminal and from a notebook. */
export function SnippetsPanel({ run }: { run: RunDetail }) {
  const { origin } = window.location;
  return (
    <Section
      title="How do I access it from elsewhere?"
      lead="Where the server asks for tokens, send one along: REPRISE_TOKEN for the command line, the header Authorization: Bearer … for everything else."
    >
      <Snippets>
        <Snippet title="Command line" text={commandLine(run)} />
        <Snippet title="Python" text={python(run, origin)} />
        <Snippet
          title="Shell"
          text={`curl ${origin}/api/v1/runs/${run.id}\ncurl ${origin}/api/v1/runs/${run.id}/ladder`}
        />
      </Snippets>
    </Section>
  );
}
