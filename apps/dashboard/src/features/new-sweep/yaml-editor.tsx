import type { AnnouncedTrainer, DatasetInfo, FieldError } from "@reprise/contracts";
import { lazy, Suspense, useId, useMemo, useRef } from "react";
import { fetchedScript } from "../../shared/api/fetched-script.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { Placeholder } from "../../shared/ui/states.js";
import { documentSchema } from "./document-schema.js";
import type { Draft } from "./draft.js";
import { errorSentence } from "./error-words.js";
import { ProblemList } from "./problem-list.js";
import type { YamlCodeHandle } from "./yaml-code.js";
import classes from "./yaml-editor.module.css";
import type { ReadSpec } from "./yaml-spec.js";

/** The editor's code is as large as all of the page: it is fetched by those who look at the text. */
const YamlCode = lazy(() =>
  fetchedScript(() => import("./yaml-code.js")).then((module) => ({ default: module.YamlCode })),
);

/** The same document as text; every mistake is marked at its line, listed, and leads there. */
export function YamlEditor({
  text,
  read,
  errors,
  draft,
  trainers,
  datasets,
  onChange,
}: {
  text: string;
  read: ReadSpec;
  errors: readonly FieldError[];
  draft: Draft;
  trainers: readonly AnnouncedTrainer[];
  datasets: readonly DatasetInfo[];
  onChange: (text: string) => void;
}) {
  const code = useRef<YamlCodeHandle>(null);
  const listId = useId();
  const schema = useMemo(
    () => documentSchema(draft.trainer, trainers, datasets),
    [draft.trainer, trainers, datasets],
  );
  const problems = useMemo(
    () =>
      errors
        .map((error) => ({
          line:
            read.problems.find(({ path, message }) => path === error.path && message === error.message)
              ?.line ?? read.lineOf(error.path),
          message: errorSentence(error),
        }))
        .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    [errors, read],
  );
  return (
    <div>
      <div className={classes.editor} data-wrong={problems.length > 0 || undefined}>
        <Suspense fallback={<Placeholder height={320} label="Loading the editor" />}>
          <YamlCode
            ref={code}
            label="Sweep as YAML"
            describedBy={listId}
            text={text}
            schema={schema}
            problems={problems}
            onChange={onChange}
          />
        </Suspense>
      </div>
      <ProblemList id={listId} aria-label="Mistakes in the document">
        {problems.map(({ line, message }) => (
          <li key={`${line} ${message}`}>
            {line === null ? null : (
              <button type="button" onClick={() => code.current?.goTo(line)}>
                line {line}
              </button>
            )}{" "}
            <ServerText text={message} />
          </li>
        ))}
      </ProblemList>
      <p className={classes.hint}>
        Ctrl Space completes names and values; the pointer on a name explains it. Tab leaves the editor.
      </p>
    </div>
  );
}
