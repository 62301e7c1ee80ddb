import { didYouMean } from "../../nearest.ts";
import { camelCase } from "../camel_case.ts";
import type { TypeNode, TypeReference } from "../component_types.ts";
import { quoteBriefly } from "../quote.ts";
import { formatType } from "../type_text.ts";
import { typedArrayOf } from "../typed_arrays.ts";
import { isCase, type Label, wordOf } from "./_wave_words.ts";
import { rangeOf, readPrimitive } from "./wave_primitives.ts";
import { TextError } from "../text_error.ts";
import type { WaveNode, WaveSpan } from "./wave_node.ts";

const ENCODER = new TextEncoder();

/** Characters of a type in a message: enough to see what is meant. */
const TYPE_LENGTH = 120;

/** What values may refer to. */
export interface WaveSources {
  /** The bytes of a file that was read. */
  file(path: string): Uint8Array<ArrayBuffer> | undefined;
  /** The bytes that are there for a `stream<u8>` that is left out, once. */
  input?(): AsyncIterable<Uint8Array> | undefined;
  /** What stands for the resource of that name, for a parameter that takes a `resource`, or only borrows it. */
  resource(name: string, resource: string, isGiven: boolean): object | { readonly mistake: string };
}

/** Reads the parts of one value, and knows the way to the part that it reads. */
export class TypedReader {
  readonly #types: readonly TypeNode[];
  readonly #sources: WaveSources;
  /** The way to the value that is read, as a message shows it. */
  readonly #path: string[];

  /** Reads what a message calls `name`. */
  constructor(name: string, types: readonly TypeNode[], sources: WaveSources) {
    this.#types = types;
    this.#sources = sources;
    this.#path = [name];
  }

  /** The value of `node` as a `type`. @throws {TextError}. */
  value(node: WaveNode, type: TypeReference): unknown {
    if (typeof type !== "number") {
      const value = readPrimitive(node, type);
      return value === undefined ? this.#misfit(node, type) : value;
    }
    const found = this.#types[type]!;
    switch (found[0]) {
      case "list":
        return this.#list(node, type, found[1], found[2]);
      case "record":
        return this.#record(node, type, found[1]);
      case "tuple":
        return this.#tuple(node, type, found[1]);
      case "variant":
        return this.#variant(node, type, found[1]);
      case "enum":
        return this.#case(node, type, found[1]).name;
      case "option":
        return this.#option(node, type, found[1]);
      case "result":
        return this.#result(node, type, found[1], found[2]);
      case "flags":
        return this.#flags(node, type, found[1]);
      case "map":
        return this.#map(node, type, found[1], found[2]);
      case "own":
      case "borrow":
        return this.#resource(node, type, found[1], found[0] === "own");
      case "stream":
        return this.#stream(node, type, found[1]);
      case "future":
        return found[1] === null ? this.#unwritable(node, type) : this.value(node, found[1]);
    }
  }

  /** The value of a field or parameter that is left out at `place`, which only an option may be, or a stream of the input. */
  missing(place: WaveSpan, type: TypeReference): unknown {
    const payload = this.#optionOf(type);
    if (payload !== undefined) return this.#isOption(payload) ? { tag: "none" } : undefined;
    const node = typeof type === "number" ? this.#types[type]! : undefined;
    const input = node?.[0] === "stream" && node[1] === "u8" ? this.#sources.input?.() : undefined;
    if (input !== undefined) return input;
    throw this.#error(place, `is missing: ${this.#text(type)}`);
  }

  /** What a stream has is written as a list; numbers pass in one piece. */
  #stream(node: WaveNode, type: TypeReference, element: TypeReference | null): Iterable<unknown> {
    if (element === null) return this.#unwritable(node, type);
    const items = this.#elements(node, type, element);
    return ArrayBuffer.isView(items) ? [items] : items as unknown[];
  }

  #unwritable(node: WaveNode, type: TypeReference): never {
    throw this.#error(node, `is a ${formatType(this.#types, type)}, which cannot be written here`);
  }

  #list(node: WaveNode, type: TypeReference, element: TypeReference, length: number | undefined): unknown {
    const items = this.#elements(node, type, element);
    if (length === undefined || items.length === length) return items;
    throw this.#error(node, `takes ${length} elements, not ${items.length}`);
  }

  #elements(node: WaveNode, type: TypeReference, element: TypeReference): ArrayLike<unknown> {
    if (element === "u8") {
      if (node.kind === "bytes") return node.value;
      if (node.kind === "file") return this.#file(node, node.path);
      if (node.kind === "text") return ENCODER.encode(node.value); // as a program may pass a string
    }
    if (node.kind !== "list") return this.#misfit(node, type, element === "u8" ? '; "…", b"…" or @file' : "");
    const items = node.items.map((item, index) => this.#at(`[${index}]`, () => this.value(item, element)));
    const Typed = typedArrayOf(element) as typeof Float64Array | undefined;
    return Typed === undefined ? items : Typed.from(items as number[]);
  }

  #file(node: WaveNode, path: string): Uint8Array<ArrayBuffer> {
    const bytes = this.#sources.file(path);
    if (bytes === undefined) throw this.#error(node, `cannot be read from ${quoteBriefly(path)}`);
    return bytes;
  }

  #record(
    node: WaveNode,
    type: TypeReference,
    fields: readonly (readonly [string, TypeReference])[],
  ): Record<string, unknown> {
    if (node.kind !== "record") {
      return this.#misfit(
        node,
        type,
        node.kind === "flags" && node.flags.length === 0 ? "; without fields {:}" : "",
      );
    }
    for (const { key } of node.fields) {
      if (fields.some(([name]) => name === key.name)) continue;
      const names = fields.map(([name]) => name);
      throw this.#error(
        key,
        `has no field ${key.name}${didYouMean(key.name, names) || `: ${this.#text(type)}`}`,
      );
    }
    const written = new Map(node.fields.map(({ key, item }) => [key.name, item]));
    return Object.fromEntries(fields.map(([name, fieldType]) => {
      const item = written.get(name);
      return [
        camelCase(name),
        this.#at(
          `.${name}`,
          () =>
            item === undefined
              ? this.missing({ start: node.end - 1, end: node.end }, fieldType)
              : this.value(item, fieldType),
        ),
      ];
    }));
  }

  #tuple(node: WaveNode, type: TypeReference, parts: readonly TypeReference[]): unknown[] {
    if (node.kind !== "tuple") return this.#misfit(node, type);
    if (node.items.length !== parts.length) {
      throw this.#error(node, `takes ${parts.length} values, not ${node.items.length}: ${this.#text(type)}`);
    }
    return parts.map((part, index) => this.#at(`.${index}`, () => this.value(node.items[index]!, part)));
  }

  #map(node: WaveNode, type: TypeReference, key: TypeReference, value: TypeReference): Map<unknown, unknown> {
    if (node.kind !== "list") return this.#misfit(node, type, '; pairs of key and value: [("a", 1)]');
    const map = new Map<unknown, unknown>();
    for (const [index, item] of node.items.entries()) {
      this.#at(`[${index}]`, () => {
        if (item.kind !== "tuple" || item.items.length !== 2) {
          throw this.#error(item, "takes a pair: (key, value)");
        }
        const name = this.value(item.items[0]!, key);
        if (map.has(name)) throw this.#error(item, "has a key that is there already");
        map.set(name, this.value(item.items[1]!, value));
      });
    }
    return map;
  }

  #variant(
    node: WaveNode,
    type: TypeReference,
    cases: readonly (readonly [string, TypeReference | null])[],
  ): unknown {
    const label = this.#case(node, type, cases.map(([name]) => name));
    const payload = cases.find(([name]) => name === label.name)![1];
    return { tag: label.name, ...this.#payload(label, payload) };
  }

  /** What `node` is called if it is one of `names`; the words of WAVE are written with `%`. */
  #case(node: WaveNode, type: TypeReference, names: readonly string[]): Label {
    const word = node.kind === "label" ? node.name : wordOf(node);
    if (word !== undefined && names.includes(word) && !(node.kind === "label" && isCase(node))) {
      throw this.#error(node, `takes a case that is written %${word}: ${word} alone means something else`);
    }
    if (node.kind === "label" && names.includes(node.name)) {
      const isEnum = this.#types[type as number]![0] === "enum";
      if (!isEnum || node.payload === undefined) return node;
      throw this.#error(node.payload, `takes ${node.name} without a value`);
    }
    return this.#misfit(node, type, word === undefined ? "" : didYouMean(word, names));
  }

  /** The payload of a case that has one, or none. */
  #payload(label: Label, type: TypeReference | null): { val?: unknown } {
    const { name, payload } = label;
    if (type === null) {
      if (payload === undefined) return {};
      throw this.#error(payload, `takes ${name} without a value`);
    }
    if (payload === undefined) {
      throw this.#error({ start: label.end, end: label.end }, `takes ${name}(${this.#text(type)})`);
    }
    return { val: this.#at(`.${name}`, () => this.value(payload, type)) };
  }

  #option(node: WaveNode, type: TypeReference, payload: TypeReference): unknown {
    const isBoxed = this.#isOption(payload);
    const label = node.kind === "label" && !node.escaped ? node : undefined;
    if (label?.name === "none") {
      this.#payload(label, null);
      return isBoxed ? { tag: "none" } : undefined;
    }
    if (label?.name === "some") {
      const { val } = this.#payload(label, payload);
      return isBoxed ? { tag: "some", val } : val;
    }
    if (this.#isFlat(payload)) return this.value(node, payload);
    return this.#misfit(node, type, "; some(…) or none");
  }

  #result(
    node: WaveNode,
    type: TypeReference,
    ok: TypeReference | null,
    err: TypeReference | null,
  ): unknown {
    const label = node.kind === "label" && !node.escaped ? node : undefined;
    if (label?.name === "ok") return { tag: "ok", ...this.#payload(label, ok) };
    if (label?.name === "err") return { tag: "err", ...this.#payload(label, err) };
    if (ok !== null && this.#isFlat(ok)) return { tag: "ok", val: this.value(node, ok) };
    return this.#misfit(node, type, "; ok or err");
  }

  #flags(node: WaveNode, type: TypeReference, names: readonly string[]): Record<string, boolean> {
    if (node.kind !== "flags") {
      return this.#misfit(
        node,
        type,
        node.kind === "record" && node.fields.length === 0 ? "; none of them {}" : "",
      );
    }
    for (const flag of node.flags) {
      if (names.includes(flag.name)) continue;
      throw this.#error(
        flag,
        `has no ${flag.name}${didYouMean(flag.name, names) || `: ${this.#text(type)}`}`,
      );
    }
    const set = new Set(node.flags.map(({ name }) => name));
    return Object.fromEntries(names.map((name) => [camelCase(name), set.has(name)]));
  }

  #resource(node: WaveNode, type: TypeReference, resource: string, isGiven: boolean): object {
    if (node.kind !== "label" || node.payload !== undefined) {
      return this.#misfit(node, type, "; the name of one");
    }
    const found = this.#sources.resource(node.name, resource, isGiven);
    if (!("mistake" in found)) return found;
    throw this.#error(node, `takes a ${resource}: ${found.mistake}`);
  }

  #optionOf(type: TypeReference): TypeReference | undefined {
    const node = typeof type === "number" ? this.#types[type]! : undefined;
    return node?.[0] === "option" ? node[1] : undefined;
  }

  #isOption(type: TypeReference): boolean {
    return this.#optionOf(type) !== undefined;
  }

  /** Whether a value of `type` may stand for `some` or `ok` of it. */
  #isFlat(type: TypeReference): boolean {
    const kind = typeof type === "number" ? this.#types[type]![0] : undefined;
    return kind !== "option" && kind !== "result";
  }

  #at<T>(step: string, read: () => T): T {
    this.#path.push(step);
    const found = read();
    this.#path.pop();
    return found;
  }

  #misfit(node: WaveNode, type: TypeReference, hint = ""): never {
    const range = typeof type === "string" ? rangeOf(node, type) : "";
    const quotes = type === "string" && node.kind === "label"
      ? `; text must be in quotes: ${quoteBriefly(node.name)}`
      : "";
    throw this.#error(node, `takes ${this.#text(type)}${range}${quotes}${hint}`);
  }

  #text(type: TypeReference): string {
    const text = formatType(this.#types, type);
    const shown = text.length > TYPE_LENGTH ? `${text.slice(0, TYPE_LENGTH)}…` : text;
    return `${/^(?:[aeio]|[fs]\d)/.test(shown) ? "an" : "a"} ${shown}`;
  }

  #error({ start }: WaveSpan, message: string): TextError {
    return new TextError(`${this.#path.join("")} ${message}`, start);
  }
}
