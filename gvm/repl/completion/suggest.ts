import { type Topic, TOPICS } from "../help.ts";
import type { ParsedLine } from "../language/parser.ts";
import { parseComponentTypes } from "../../../gmp/types/parse_type_text.ts";
import { quote } from "../../../gmp/types/quote.ts";
import { parseTypes } from "../../../gmp/types/signature.ts";
import { printName } from "../language/print_name.ts";
import { isQuote } from "../language/quoted.ts";
import type { Slot } from "../language/slot.ts";
import type { Name, Span } from "../language/syntax.ts";
import { valueWords } from "./value_words.ts";
import { functionIn, functionsFor, type KnownModule, parameterSpans, type Vocabulary } from "./vocabulary.ts";

const NODE = "Node.";

/** A replacement for `start` to `end` of the line, with a few words about it. */
interface Candidate extends Span {
  text: string;
  hint: string;
}

/** The signature of the function whose arguments are being typed. */
interface SignatureHelp {
  /** `add(i32, i32) -> i32` */
  signature: string;
  /** Which argument, from 0. */
  argument: number;
  /** The span of its type in `signature`; undefined if the function takes fewer. */
  active: Span | undefined;
}

/** A word for a slot: the name that is compared with what was typed, and the text to insert. */
interface Word {
  name: string;
  /** What may be typed instead. */
  alias?: string;
  text: string;
  hint: string;
}

/** Completions of a line: the names that begin with the text at its end, in their own order. */
export function suggest({ text, slot }: ParsedLine, vocabulary: Vocabulary): Candidate[] {
  if (!slot) return [];
  const place = slot.kind === "argument" && slot.hole !== undefined ? slot.hole : slot;
  const candidates = matching(wordsFor(slot, vocabulary), text, place);
  // What looks like a function of a module may be the beginning of a name with a dot.
  if (slot.kind === "function" && !slot.version && slot.within === undefined) {
    const dotted = vocabulary.modules.filter(({ name }) => name.includes("."));
    candidates.push(...matching(moduleWords(dotted), text, { start: slot.module.start, end: slot.end }));
  }
  return candidates;
}

/** The line after accepting `candidate`. */
export function accept(line: string, { start, end, text }: Candidate): string {
  return line.slice(0, start) + text + line.slice(end);
}

/** The signature to show while the arguments of a known function are typed. */
export function signatureHelp({ slot }: ParsedLine, vocabulary: Vocabulary): SignatureHelp | undefined {
  if (slot?.kind !== "argument") return undefined;
  const known = functionIn(slot, vocabulary);
  if (!known) return undefined;
  const { text, types } = known;
  const span = parameterSpans(types)[slot.index];
  return {
    signature: text + types,
    argument: slot.index,
    active: span && { start: text.length + span.start, end: text.length + span.end },
  };
}

function matching(words: readonly Word[], line: string, { start, end }: Span): Candidate[] {
  const typed = line.slice(start, end);
  const quoted = isQuote(typed.charAt(0));
  const prefix = (quoted ? typed.slice(1) : typed).toLowerCase();
  // For a quoted name, its escapes may have been typed.
  const fits = ({ name, alias = name, text }: Word) =>
    name.toLowerCase().startsWith(prefix) || alias.startsWith(prefix) ||
    quoted && text.toLowerCase().startsWith(`"${prefix}`);
  return words
    .filter((word) => fits(word) && word.text !== typed)
    .map(({ text, hint }) => ({ text, hint, start, end }));
}

function wordsFor(slot: Slot, vocabulary: Vocabulary): readonly Word[] {
  switch (slot.kind) {
    case "line":
      return [
        ...TOPICS.filter(isCommand).map(commandWord),
        ...moduleWords(vocabulary.modules),
        ...resourceWords(vocabulary, "."),
      ];
    case "command":
      return TOPICS.filter(({ name }) => name.startsWith(NODE)).map(commandWord).map((
        { name, text, hint },
      ) => (
        { name: name.slice(NODE.length), text: text.slice(NODE.length), hint }
      ));
    case "topic":
      return TOPICS.map(({ name, summary }) => ({ name, text: name, hint: summary }));
    case "node":
      return nodeWords(slot.command, vocabulary);
    case "module":
      return moduleWords(vocabulary.modules);
    case "version":
      return moduleOf(slot.module, vocabulary)?.versions.map((version) => (
        {
          name: version,
          alias: version.slice(1),
          text: printName(version),
          hint: `version of ${slot.module.text}`,
        }
      )) ?? [];
    case "function":
      return functionsFor(slot, vocabulary).map(({ name, text, types }) => {
        const close = parameterSpans(types).length === 0 ? ")" : "";
        return { name, text: `${text}(${close}`, hint: text + types };
      });
    case "file":
      return fileWords(vocabulary);
    case "handle":
      return resourceWords(vocabulary, ")");
    case "argument":
      return argumentWords(slot, vocabulary);
  }
}

function argumentWords(slot: Slot & { kind: "argument" }, vocabulary: Vocabulary): readonly Word[] {
  const { hole, index } = slot;
  const types = hole && functionIn(slot, vocabulary)?.types;
  const component = types === undefined || parseTypes(types) !== undefined
    ? undefined
    : parseComponentTypes(types);
  if (hole === undefined || component === undefined) return [];
  if (hole.kind === "file") return fileWords(vocabulary);
  const { resources = [] } = vocabulary;
  return valueWords(component, index, hole, (wanted) => {
    const kind = wanted.replace(/^.*[#/]/, "");
    return resources.filter(({ resource }) => resource === kind).map(({ name }) => name);
  });
}

function fileWords({ files = [] }: Vocabulary): Word[] {
  return files.map((path) => ({ name: path, text: printPath(path), hint: "" }));
}

function resourceWords({ resources = [] }: Vocabulary, after: string): Word[] {
  return resources.map(({ name, resource, module }) => (
    { name, text: name + after, hint: `${resource} of ${module}` }
  ));
}

function isCommand({ name }: Topic): boolean {
  return !/^[a-z]/.test(name) || name === "help" || name === "exit" || name === "drop";
}

/** `Node.connect(`, `Node.list()`, `.load `, `exit`: up to the first placeholder. */
function commandWord({ name, usage, summary }: Topic): Word {
  const text = usage.replace(/[A-Z]{2,}.*/, "");
  return { name, text: name === "help" ? name : text, hint: summary };
}

function nodeWords(command: "connect" | "disconnect" | "run", vocabulary: Vocabulary): Word[] {
  const { nodes, connected } = vocabulary;
  const names = command === "connect" ? nodes.filter((name) => !connected.includes(name)) : connected;
  const after = command === "run" ? ", " : ")";
  const hint = command === "connect" ? "node" : "connected node";
  return names.map((name) => ({ name, text: printName(name) + after, hint }));
}

function moduleWords(modules: readonly KnownModule[]): Word[] {
  return modules.map(({ name, versions }) => (
    { name, text: printName(name), hint: `module ${versions.join(", ")}`.trimEnd() }
  ));
}

function moduleOf({ text }: Name, { modules }: Vocabulary): KnownModule | undefined {
  return modules.find(({ name }) => name === text);
}

/** A path, in quotes if the line would end within it. */
function printPath(path: string): string {
  return /^["'\s]|;|\s\/\/|\s$|\p{Cc}/u.test(path) ? quote(path) : path;
}
