import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { JsonSchema } from "@reprise/contracts";
import { useEffect, useImperativeHandle, useRef } from "react";
import { offersAt, wordsAt } from "./schema-words.js";
import { yamlPlace } from "./yaml-place.js";
import { namesAt } from "./yaml-spec.js";

export type CodeProblem = { line: number | null; message: string };
export type YamlCodeHandle = { goTo: (line: number) => void };

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--ink)", fontWeight: "550" },
  { tag: tags.comment, color: "var(--ink-3)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--ink-2)", fontWeight: "550" },
  { tag: [tags.string, tags.content], color: "var(--ink-2)" },
  { tag: tags.punctuation, color: "var(--ink-3)" },
]);

const look = EditorView.theme({
  "&": {
    maxHeight: "638px",
    minHeight: "318px",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    fontSize: "0.8125rem",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px" },
  ".cm-content": { padding: "12px 0", caretColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-3)", border: "none" },
  ".cm-tooltip": {
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    border: "1px solid var(--rule-strong)",
    borderRadius: "4px",
    fontSize: "0.8125rem",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--ink)",
    color: "var(--mantine-color-body)",
  },
  ".cm-completionInfo": { maxWidth: "320px", padding: "8px 10px" },
});

function complete(schema: () => JsonSchema) {
  return (context: CompletionContext): CompletionResult | null => {
    const text = context.state.doc.toString();
    const place = yamlPlace(text, context.pos);
    if (!place || (place.typed === "" && !context.explicit)) return null;
    const offers = offersAt(schema(), place, namesAt(text, place.path));
    if (offers.length === 0) return null;
    return {
      from: place.from,
      options: offers.map(({ label, detail, info }) => ({
        label,
        detail,
        info: info === "" ? undefined : info,
        apply: place.writes === "name" ? `${label}: ` : label,
        type: place.writes === "name" ? "property" : "enum",
      })),
      validFor: /^[\w.-]*$/,
    };
  };
}

function explain(schema: () => JsonSchema) {
  return hoverTooltip((view, at) => {
    const line = view.state.doc.lineAt(at);
    const found = [...line.text.matchAll(/([\w.-]+)\s*:/g)].find(
      ({ index, 1: name = "" }) => line.from + index <= at && at <= line.from + index + name.length,
    );
    if (!found?.[1]) return null;
    const [, name] = found;
    const start = line.from + found.index;
    const place = yamlPlace(view.state.doc.toString(), start);
    const told = place && wordsAt(schema(), [...place.path, name]);
    if (!told) return null;
    return {
      pos: start,
      end: start + name.length,
      above: true,
      create: () => {
        const dom = document.createElement("div");
        dom.setAttribute("role", "tooltip");
        dom.style.cssText = "max-width: 360px; padding: 8px 10px; line-height: 1.45";
        const title = dom.appendChild(document.createElement("strong"));
        title.textContent = told.name;
        for (const words of told.words) {
          dom.appendChild(document.createElement("div")).textContent = words;
        }
        return { dom };
      },
    };
  });
}

/** CodeMirror over the text: it completes and explains what may stand at the cursor, and marks mistakes at their line. */
export function YamlCode({
  ref,
  text,
  schema,
  problems,
  label,
  describedBy,
  onChange,
}: {
  ref?: React.Ref<YamlCodeHandle>;
  text: string;
  schema: JsonSchema;
  problems: readonly CodeProblem[];
  label: string;
  describedBy: string;
  onChange: (text: string) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // The editor is made once; what it asks for while it lives is the latest.
  const latest = useRef({ schema, onChange, text });
  latest.current = { schema, onChange, text };
  useEffect(() => {
    if (!place.current) return;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          lineNumbers(),
          history(),
          yaml(),
          syntaxHighlighting(colours),
          autocompletion({ override: [complete(() => latest.current.schema)], icons: false }),
          explain(() => latest.current.schema),
          lintGutter(),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          look,
          EditorView.contentAttributes.of({
            tabindex: "0",
            "aria-label": label,
            "aria-describedby": describedBy,
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [label, describedBy]);
  useEffect(() => {
    const now = view.current;
    if (!now || now.state.doc.toString() === text) return;
    now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    const now = view.current;
    if (!now) return;
    const marks = problems.flatMap(({ line, message }) => {
      if (line === null || line > now.state.doc.lines) return [];
      const { from, to, text: written } = now.state.doc.line(line);
      const start = from + (/^\s*/.exec(written)?.[0].length ?? 0);
      return [{ from: start, to, message, severity: "error" as const }];
    });
    now.dispatch(setDiagnostics(now.state, marks));
  }, [problems]);
  useImperativeHandle(ref, () => ({
    goTo(number) {
      const now = view.current;
      if (!now || number > now.state.doc.lines) return;
      const { from, to } = now.state.doc.line(number);
      now.focus();
      now.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
    },
  }));
  return <div ref={place} />;
}
