import { type Topic, TOPICS } from "../help.ts";
import type { ParsedLine } from "../language/parser.ts";
import { quote, writeName } from "../../../gmp/types/quote.ts";
import { isQuote } from "../language/quoted.ts";
import type { Slot } from "../language/slot.ts";
import { type Name, RESERVED, type Span } from "../language/syntax.ts";

const NODE = "Node.";

/** What the REPL knows about a module. */
export interface KnownModule {
  name: string;
  versions: readonly string[];
  /** Absent until somebody asks; a signature reads `add(i32, i32) -> i32`. */
  functions?: readonly { name: string; signature: string }[];
}

/** The names that can be suggested. */
export interface Vocabulary {
  /** The other nodes of the network. */
  nodes: readonly string[];
  /** Those connected to this one. */
  connected: readonly string[];
  modules: readonly KnownModule[];
}

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
  const candidates = matching(wordsFor(slot, vocabulary), text, slot);
  // What looks like a function of a module may be the beginning of a name with a dot.
  if (slot.kind === "function" && !slot.version) {
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
  const name = slot.function.text;
  const known = functionsOf(slot.module, vocabulary).find((known) => known.name === name);
  if (!known) return undefined;
  return {
    signature: known.signature,
    argument: slot.index,
    active: parameters(known.signature, name)[slot.index],
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

function wordsFor(slot: Slot, vocabulary: Vocabulary): Word[] {
  switch (slot.kind) {
    case "line":
      return [...TOPICS.filter(isCommand).map(commandWord), ...moduleWords(vocabulary.modules)];
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
      return functionsOf(slot.module, vocabulary).map(({ name, signature }) => {
        const close = parameters(signature, name).length === 0 ? ")" : "";
        return { name, text: `${writeName(name)}(${close}`, hint: signature };
      });
    case "argument":
      return [];
  }
}

function isCommand({ name }: Topic): boolean {
  return !/^[a-z]/.test(name) || name === "help" || name === "exit";
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

function functionsOf(module: Name, vocabulary: Vocabulary): NonNullable<KnownModule["functions"]> {
  return moduleOf(module, vocabulary)?.functions ?? [];
}

/** The spans of the parameter types in `add(i32, i32) -> i32`. */
function parameters(signature: string, name: string): Span[] {
  const open = signature.indexOf("(", writeName(name).length);
  const close = signature.indexOf(")", open);
  if (open < 0 || close < 0) return [];
  return [...signature.slice(open + 1, close).matchAll(/[^\s,]+/g)].map(({ 0: type, index }) => {
    const start = open + 1 + index;
    return { start, end: start + type.length };
  });
}

/** A node's or module's name or a version, in quotes if a dot or a reserved word could be misread. */
export function printName(name: string): string {
  return RESERVED.has(name) || /\.(?![\d-])/.test(name) ? quote(name) : name;
}
