import type { Completion } from "./line_input.ts";
import type { ParsedLine } from "../language/parser.ts";
import { accept, signatureHelp, suggest, type Vocabulary } from "./suggest.ts";

/**
 * What `line` could become, as shown after the cursor: a function with its signature, of which only the name
 * is accepted; while its arguments are typed, the rest of the signature, of which nothing is.
 */
export function completionsOf(line: ParsedLine, vocabulary: Vocabulary): Completion[] {
  const { text, slot } = line;
  if (slot?.kind === "argument") {
    const rest = restOfSignature(line, vocabulary, text.slice(slot.start).trim() !== "");
    return rest === "" ? [] : [{ shown: text + rest, line: text, name: rest, hint: "" }];
  }
  return suggest(line, vocabulary).map((candidate) => {
    const accepted = accept(text, candidate);
    if (slot?.kind !== "function") {
      return { shown: accepted, line: accepted, name: candidate.text, hint: candidate.hint };
    }
    const signature = accept(text, { ...candidate, text: candidate.hint });
    // A name in quotes has no signature that continues it.
    const shown = signature.startsWith(text) ? signature : accepted;
    return { shown, line: accepted, name: candidate.hint, hint: "" };
  });
}

/**
 * The rest of the signature after the argument being typed, or including it if nothing of it is typed yet.
 */
function restOfSignature(line: ParsedLine, vocabulary: Vocabulary, begun: boolean): string {
  const help = signatureHelp(line, vocabulary);
  if (help?.active === undefined) return "";
  if (begun) return help.signature.slice(help.active.end);
  return (line.text.endsWith(",") ? " " : "") + help.signature.slice(help.active.start);
}
