import { TextInput } from "@mantine/core";
import { glossary, termAnchor } from "@reprise/contracts";
import { useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { PageTitle } from "../../shared/ui/page-title.js";
import { Section } from "../../shared/ui/section.js";
import classes from "./glossary-page.module.css";

/** Every word that pages, reports and files use in a sense of their own; an address can name one. */
export function GlossaryPage() {
  const asked = useLocation({ select: ({ hash }) => hash });
  const [wanted, setWanted] = useState("");
  useEffect(() => {
    if (asked) document.getElementById(asked)?.scrollIntoView({ block: "center" });
  }, [asked]);
  const fits = (text: string) => text.toLowerCase().includes(wanted.trim().toLowerCase());
  const shown = glossary
    .map(({ subject, terms }) => ({
      subject,
      terms: terms.filter(({ term, meaning }) => fits(term) || fits(meaning)),
    }))
    .filter(({ terms }) => terms.length > 0);
  return (
    <>
      <PageTitle
        title="Glossary"
        lead="What words mean on these pages. Where one has a dotted underline, pointing at it shows its meaning."
        action={
          <TextInput
            size="xs"
            aria-label="Find a word"
            placeholder="Find a word"
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        }
      />
      {shown.length === 0 ? <p className="dim">The glossary has no such word.</p> : null}
      {shown.map(({ subject, terms }) => (
        <Section key={subject} title={subject}>
          <dl className={classes.words}>
            {terms.map(({ term, meaning }) => (
              <div
                key={term}
                id={termAnchor(term)}
                className={classes.word}
                data-asked={asked === termAnchor(term) || undefined}
              >
                <dt>{term}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </Section>
      ))}
    </>
  );
}
