import type { Completion } from "./line_input.ts";
import type { ParsedLine } from "../language/parser.ts";
import type { Slot } from "../language/slot.ts";
import { accept, signatureHelp, suggest } from "./suggest.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * What `line` could become, as shown after the cursor: a function with its signature, of which only the name
 * is accepted; while its arguments are typed, the rest of the signature, of which nothing is.
 */
export function completionsOf(line: ParsedLine, vocabulary: Vocabulary): Completion[] {
  const { text, slot } = line;
  if (isBroken(line)) return [];
  if (slot?.kind === "argument") return inArgument(line, slot, vocabulary);
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

/** What a value could become, and the rest of the signature: together only where nothing of the value is typed yet. */
function inArgument(
  line: ParsedLine,
  slot: Slot & { kind: "argument" },
  vocabulary: Vocabulary,
): Completion[] {
  const { text } = line;
  const begun = text.slice(slot.start).trim() !== "";
  const words = suggest(line, vocabulary).map((candidate) => {
    const accepted = accept(text, candidate);
    const close = candidate.text.endsWith("(") ? ")" : "";
    return {
      shown: accepted + candidate.hint + close,
      line: accepted,
      name: candidate.text,
      hint: candidate.hint,
    };
  });
  if (begun && words.length > 0) return words;
  const rest = restOfSignature(line, vocabulary, begun);
  return [...rest === "" ? [] : [{ shown: text + rest, line: text, name: rest, hint: "" }], ...words];
}

/** Whether the line has a mistake that nothing behind it can mend. */
function isBroken(line: ParsedLine): boolean {
  const { text, slot } = line;
  if (line.ok || slot === undefined || line.error.position >= text.length) return false;
  const isHere = line.error.position === slot.start;
  return !isHere || slot.kind === "argument" && /[,()]/.test(text.slice(slot.start));
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
