import { camelCase } from "../../gmp/types/camel_case.ts";

/** Names that the declarations use themselves. */
const TAKEN = [
  "Array",
  "AsyncIterable",
  "BigInt64Array",
  "BigUint64Array",
  "Float32Array",
  "Float64Array",
  "Int16Array",
  "Int32Array",
  "Int8Array",
  "Iterable",
  "Map",
  "Promise",
  "ReadableStream",
  "Resource",
  "Uint16Array",
  "Uint32Array",
  "Uint8Array",
];

/** What a terminal or an editor may not show as it is, unit by unit. */
const UNPRINTABLE = /[^\x20-\x7e\u00a1-\u02ff\u0370-\u1fff\u2c00-\ud7ff]/g;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Longest name of a type: it may be written thousands of times, and a module may have names of megabytes. */
const MAX_TYPE_NAME = 200;

/** The names of the types of one file, each given once. */
export class TypeNames {
  readonly #taken = new Set(TAKEN);
  /** The number to try next, by the name without it. */
  readonly #numbers = new Map<string, number>();

  /** A name for the type called `label` in WIT: `PersonName` for `person-name`, with a number if that is taken. */
  give(label: string): string {
    const plain = pascalCase(label).slice(0, MAX_TYPE_NAME);
    let name = plain;
    let number = this.#numbers.get(plain) ?? 2;
    while (this.#taken.has(name)) name = `${plain}${number++}`;
    this.#numbers.set(plain, number);
    this.#taken.add(name);
    return name;
  }
}

/** `PersonName` for `person-name`. */
function pascalCase(label: string): string {
  const words = label.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
  const camel = camelCase(words.includes("-") || words === words.toUpperCase() ? words : kept(words));
  const name = camel.slice(0, 1).toUpperCase() + camel.slice(1);
  return /^[A-Za-z]/.test(name) ? name : `T${name}`;
}

/** Words that are told by capitals only. */
function kept(word: string): string {
  return word.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, "-");
}

/** A property as TypeScript writes it: in quotes unless it is an identifier. What follows `new` would be a constructor's. */
export function property(name: string): string {
  if (IDENTIFIER.test(name) && name !== "new") return name;
  return JSON.stringify(name).replaceAll(
    UNPRINTABLE,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A parameter's name, from its label in WIT. */
export function parameterName(label: string): string {
  const name = camelCase(label);
  return RESERVED.has(name) ? `${name}_` : name;
}

/** Words that no parameter may be called. */
const RESERVED: ReadonlySet<string> = new Set(
  ("arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof var void while with yield").split(" "),
);

/** The name of an interface of WIT: `greeter` of `ghost:demo/greeter@1.0.0`. */
export function interfaceLabel(name: string): string {
  return /^[^/]*\/([^@]*)/.exec(name)?.[1] ?? name;
}
