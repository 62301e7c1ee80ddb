import type { Completion } from "./line_input.ts";
import { slotAtEnd } from "../language/parser.ts";
import { accept, signatureHelp, suggest, type Vocabulary } from "./suggest.ts";

/**
 * What `text` could become, as it is shown behind the cursor: a function with its signature, of which only the name is
 * taken; while its arguments are typed, the rest of the signature, of which nothing is.
 */
export function completionsOf(text: string, vocabulary: Vocabulary): Completion[] {
  const slot = slotAtEnd(text);
  if (slot?.kind === "argument") {
    const rest = restOfSignature(text, vocabulary, text.slice(slot.start).trim() !== "");
    return rest === "" ? [] : [{ shown: text + rest, line: text, name: rest, hint: "" }];
  }
  return suggest(text, text.length, vocabulary).map((candidate) => {
    const { line } = accept(text, candidate);
    if (slot?.kind !== "function") return { shown: line, line, name: candidate.text, hint: candidate.hint };
    const signature = accept(text, { ...candidate, text: candidate.hint }).line;
    // A name in quotes has no signature that continues it.
    return { shown: signature.startsWith(text) ? signature : line, line, name: candidate.hint, hint: "" };
  });
}

/** What follows the argument being typed, or begins with it while nothing is typed of it yet. */
function restOfSignature(text: string, vocabulary: Vocabulary, begun: boolean): string {
  const help = signatureHelp(text, vocabulary);
  if (help?.active === undefined) return "";
  if (begun) return help.signature.slice(help.active.end);
  return (text.endsWith(",") ? " " : "") + help.signature.slice(help.active.start);
}
