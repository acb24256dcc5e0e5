import { fieldErrorLine } from "@reprise/contracts";
import { useId, useRef } from "react";
import { ServerText } from "../../shared/ui/server-text.js";
import { ProblemList } from "./problem-list.js";
import classes from "./yaml-editor.module.css";
import type { SpecProblem } from "./yaml-spec.js";

/** The same document as text, with line numbers; mistakes are listed and lead to their line. */
export function YamlEditor({
  text,
  problems,
  onChange,
}: {
  text: string;
  problems: readonly SpecProblem[];
  onChange: (text: string) => void;
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const lines = text.split("\n");
  const numbers = lines.map((_, index) => index + 1);
  const wrong = new Set(problems.map((problem) => problem.line));
  const goTo = (line: number) => {
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  };
  return (
    <div>
      <div className={classes.editor}>
        <div className={classes.gutter} aria-hidden>
          {numbers.map((number) => (
            <span key={number} data-wrong={wrong.has(number) || undefined}>
              {number}
            </span>
          ))}
        </div>
        <textarea
          ref={area}
          aria-label="Sweep as YAML"
          aria-invalid={problems.length > 0}
          aria-describedby={listId}
          className={classes.text}
          value={text}
          rows={lines.length}
          spellCheck={false}
          autoCapitalize="off"
          wrap="off"
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </div>
      <ProblemList id={listId} aria-label="Mistakes in the document">
        {problems.map((problem) => (
          <li key={`${problem.line} ${problem.path} ${problem.message}`}>
            {problem.line === null ? null : (
              <button type="button" onClick={() => problem.line !== null && goTo(problem.line)}>
                line {problem.line}
              </button>
            )}{" "}
            <ServerText text={fieldErrorLine(problem)} />
          </li>
        ))}
      </ProblemList>
    </div>
  );
}
