import { Button, Group } from "@mantine/core";
import { type ComparisonRequest, defaultArmRule } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Note } from "../../shared/ui/note.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState, Placeholder } from "../../shared/ui/states.js";
import { Answer } from "./answer.js";
import { ComparisonTools } from "./comparison-tools.js";
import { GroupDifferences } from "./group-differences.js";
import { type ComparedGroup, GroupsEditor } from "./groups-editor.js";
import { comparisonQuery } from "./queries.js";
import { useComparison } from "./use-comparison.js";

const same = (a: readonly ComparedGroup[], b: readonly ComparedGroup[]) =>
  JSON.stringify(a) === JSON.stringify(b);

/** Groups of runs compared on metrics, in numbers and in one sentence; the whole question is in the address. */
export function ComparePage() {
  const comparison = useComparison();
  const { setSearch, sweepId, suggestions, groups, request, isSettled, isComplete } = comparison;
  const answer = useQuery(comparisonQuery(request));
  const shown = suggestions.find((suggestion) => same(suggestion.groups, groups));
  const question = (
    <>
      <PageTitle
        title="Compare"
        lead="Name two groups of runs or more; the server pairs them where it can, tests, corrects, and says the result in one sentence."
      />
      <ComparisonTools comparison={comparison} />
    </>
  );
  // What stands above it would push an answer down when it comes.
  if (!isSettled)
    return (
      <>
        {question}
        <Placeholder height={480} label="Reading what the sweep compares" />
      </>
    );
  return (
    <>
      {question}
      {suggestions.length > 0 ? (
        <Group gap={8} mt={4} mb={12}>
          {suggestions.map((suggestion) => (
            <Button
              key={suggestion.name}
              size="compact-sm"
              variant={same(suggestion.groups, groups) ? "light" : "default"}
              aria-pressed={same(suggestion.groups, groups)}
              onClick={() => setSearch({ groups: suggestion.groups, baseline: "" })}
            >
              Compare {suggestion.name}
            </Button>
          ))}
        </Group>
      ) : null}
      {shown?.arm ? (
        <Note>
          The runs of arm {shown.arm} are compared, as in the study's own analyses: {defaultArmRule}. The
          filters below name it; another arm can be written there.
        </Note>
      ) : null}
      <GroupsEditor
        groups={groups}
        onGroups={(next: ComparisonRequest["groups"]) => setSearch({ groups: next })}
      />
      {request ? (
        <>
          <QueryView query={answer} height={480} label="Comparing">
            {(data) => <Answer answer={data} />}
          </QueryView>
          {answer.isSuccess ? <GroupDifferences sweepId={sweepId} groups={groups} /> : null}
        </>
      ) : isComplete ? (
        <EmptyState
          title="Two groups make a comparison."
          action={
            sweepId === "" ? undefined : (
              <Button
                size="xs"
                variant="default"
                onClick={() =>
                  setSearch({
                    groups: [...groups, { name: "group 1", filter: "" }, { name: "group 2", filter: "" }],
                  })
                }
              >
                Write two groups
              </Button>
            )
          }
        >
          {sweepId === ""
            ? "There is no sweep yet whose runs could be compared."
            : "This sweep has one configuration and one arm. Groups can be defined by any filter, such as seed = 0. A comparison that was not in the analysis plan is labelled exploratory."}
        </EmptyState>
      ) : (
        <Placeholder height={480} label="Reading what the sweep compares" />
      )}
    </>
  );
}
