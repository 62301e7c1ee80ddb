import { typesOf, writtenName } from "../function_types.ts";
import type { Slot } from "../language/slot.ts";
import type { Span } from "../language/syntax.ts";

/** A function that a line may call, as a node describes it. */
export interface KnownFunction {
  /** Its name; a component's may have parts: `counter.merge`. */
  readonly name: string;
  /** What people read: `add(i32, i32) -> i32`. */
  readonly signature: string;
}

/** A function as it is written where a line is. */
interface ShownFunction {
  /** Its name, without what the line has already. */
  readonly name: string;
  /** How the name is written. */
  readonly text: string;
  /** What is read behind it: `(i32, i32) -> i32`. */
  readonly types: string;
}

/** What the REPL knows about a module. */
export interface KnownModule {
  readonly name: string;
  readonly versions: readonly string[];
  /** Absent until somebody asks. */
  readonly functions?: readonly KnownFunction[];
}

/** A resource that an earlier line has made. */
export interface KnownResource {
  /** What can be typed for it: `c`, `counter#1`. */
  readonly name: string;
  /** What kind it is: `counter`. */
  readonly resource: string;
  /** The module that made it. */
  readonly module: string;
}

/** The names that can be suggested. */
export interface Vocabulary {
  /** The other nodes of the network. */
  readonly nodes: readonly string[];
  /** Those connected to this one. */
  readonly connected: readonly string[];
  readonly modules: readonly KnownModule[];
  /** Paths of files, where a line may have one. */
  readonly files?: readonly string[];
  readonly resources?: readonly KnownResource[];
}

/** Where a line's function is looked for: in a module, below a name; of a resource, its methods. */
interface FunctionPlace {
  readonly module: string;
  /** What stands before the rest of a name, with a dot, or nothing. */
  readonly prefix: string;
  readonly isMethod: boolean;
}

type FunctionSlot = Slot & { kind: "function" | "argument" };

/**
 * The module in whose functions the one of `slot` is looked for, as far as the names of modules tell: `greeter.counter` is the
 * module of that name, or `counter` in the module `greeter`.
 */
export function placeOf(slot: FunctionSlot, vocabulary: Vocabulary): FunctionPlace {
  const { module, version, within = [] } = slot;
  const below = within.map(({ text }) => `${text}.`).join("");
  const isPlain = module.end - module.start === module.text.length && version === undefined;
  const resource = isPlain ? vocabulary.resources?.find(({ name }) => name === module.text) : undefined;
  if (resource !== undefined) {
    return { module: resource.module, prefix: `${resource.resource}.${below}`, isMethod: true };
  }
  const parts = isPlain ? module.text.split(".") : [module.text];
  for (let length = parts.length; length > 0; length--) {
    const name = parts.slice(0, length).join(".");
    if (!vocabulary.modules.some((one) => one.name === name)) continue;
    return {
      module: name,
      prefix: parts.slice(length).map((part) => `${part}.`).join("") + below,
      isMethod: false,
    };
  }
  return { module: module.text, prefix: below, isMethod: false };
}

/** The functions that may stand in `slot`, their names without what the line has already. */
export function functionsFor(slot: FunctionSlot, vocabulary: Vocabulary): ShownFunction[] {
  const { module, prefix, isMethod } = placeOf(slot, vocabulary);
  const functions = vocabulary.modules.find(({ name }) => name === module)?.functions ?? [];
  const shown: ShownFunction[] = [];
  for (const one of functions) {
    if (!one.name.startsWith(prefix)) continue;
    const types = typesOf(one);
    const self = selfOf(one.name, types);
    if ((self !== undefined) !== isMethod) continue;
    const name = one.name.slice(prefix.length);
    shown.push({
      name,
      text: writtenName(one, prefix.length),
      types: self === undefined ? types : `(${types.slice(self.length)}`,
    });
  }
  return shown;
}

/** The function whose arguments are being typed. */
export function functionIn(
  slot: Slot & { kind: "argument" },
  vocabulary: Vocabulary,
): ShownFunction | undefined {
  return functionsFor(slot, vocabulary).find(({ name }) => name === slot.function.text);
}

/** The beginning of the types of a method, up to its other parameters. */
function selfOf(name: string, types: string): string | undefined {
  const [self, resource] = /^\(self: borrow<([^<>]+)>(?:, )?/.exec(types) ?? [];
  return `.${name}`.includes(`.${resource}.`) ? self : undefined;
}

/** The spans of the parameters in `types`: `(i32, i32) -> i32`. */
export function parameterSpans(types: string): Span[] {
  const spans: Span[] = [];
  let [depth, start] = [0, 1];
  for (let i = 1; i < types.length; i++) {
    const character = types[i]!;
    if (depth === 0 && (character === "," || character === ")")) {
      const from = start + types.slice(start, i).search(/\S|$/);
      if (from < i) spans.push({ start: from, end: i });
      start = i + 1;
      if (character === ")") break;
    } else if ("(<{".includes(character)) depth++;
    else if (")>}".includes(character)) depth--;
  }
  return spans;
}
