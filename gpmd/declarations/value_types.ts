import { camelCase } from "../../gmp/types/camel_case.ts";
import type { Primitive } from "../../gmp/types/component_types.ts";
import { typedArrayOf } from "../../gmp/types/typed_arrays.ts";
import type { ResourceNode, ValueNode, ValueType } from "../../gmp/wasm_format/component/resolved_types.ts";
import { property, type TypeNames } from "./names.ts";
import type { WrittenText } from "./written_text.ts";

/** Characters above which a type without a name gets one: types in types may be as many as 2 to the power of their depth. */
const LONG_TYPE = 400;

const PRIMITIVES: Readonly<Record<Primitive, string>> = {
  bool: "boolean",
  s8: "number",
  u8: "number",
  s16: "number",
  u16: "number",
  s32: "number",
  u32: "number",
  s64: "bigint",
  u64: "bigint",
  f32: "number",
  f64: "number",
  char: "string",
  string: "string",
  "error-context": "object",
};

/** Types of WIT in TypeScript (see `component_types.ts`). Each type is written once, however often it is used. */
export class ValueTypes {
  /** Declarations of the types that have names. */
  readonly declarations: string[] = [];
  readonly #names: TypeNames;
  readonly #written: WrittenText;
  readonly #known = new Map<ValueNode, string>();
  readonly #resources = new Map<ResourceNode["id"], string>();
  readonly #labels: ReadonlyMap<ResourceNode["id"], string>;

  /** Types whose names are among `names`; `labels` are what resources are called elsewhere. */
  constructor(names: TypeNames, labels: ReadonlyMap<ResourceNode["id"], string>, written: WrittenText) {
    this.#names = names;
    this.#written = written;
    this.#labels = labels;
  }

  /** The names of the interfaces of all resources that were written. */
  get resources(): Iterable<string> {
    return this.#resources.values();
  }

  /** Declares a type that WIT gives a name. */
  name(label: string, type: ValueType): void {
    if (typeof type !== "string" && this.#known.has(type)) return;
    const name = this.#names.give(label);
    this.#declare(name, type);
    if (typeof type !== "string") this.#known.set(type, name);
  }

  /** The name of a resource's interface, given to it here if it has none yet. */
  resource({ id }: ResourceNode, label = this.#labels.get(id) ?? "resource"): string {
    const known = this.#resources.get(id);
    if (known !== undefined) return known;
    const name = this.#names.give(label);
    this.#resources.set(id, name);
    return name;
  }

  /** What a function returns of this type. */
  returned(type: ValueType | null): string {
    if (type === null) return "void";
    // A promise of a promise is awaited as one.
    return typeof type === "object" && type.kind === "future" ? this.returned(type.type) : this.write(type);
  }

  /** What a function takes for a parameter of this type. */
  accepted(type: ValueType): string {
    if (typeof type === "string") return this.write(type);
    if (type.kind === "list") return this.#numbers(type.element) ?? this.write(type);
    if (type.kind === "future") {
      const value = this.returned(type.type);
      return `Promise<${value}> | ${this.#isPlain(type.type) ? value : `(${value})`}`;
    }
    if (type.kind !== "stream") return this.write(type);
    const numbers = this.#numbers(type.type);
    const piece = numbers === undefined
      ? this.#piece(type.type)
      : `${numbers} | ${PRIMITIVES[type.type as Primitive]}`;
    return ["ReadableStream", "AsyncIterable", "Iterable"].map((name) => `${name}<${piece}>`).join(" | ");
  }

  /** What may be passed as a list of numbers; `undefined` for another type. */
  #numbers(type: ValueType | null): string | undefined {
    const array = typedArrayOf(type);
    if (array === undefined) return undefined;
    return `${array.name} | readonly ${PRIMITIVES[type as Primitive]}[]${type === "u8" ? " | string" : ""}`;
  }

  /** What a stream is read as: lists of numbers, or one element after the other. */
  #piece(type: ValueType | null): string {
    if (type === null) return "undefined";
    return typedArrayOf(type)?.name ?? this.write(type);
  }

  #isPlain(type: ValueType | null): boolean {
    return type === null || typeof type === "string" || this.#known.has(type);
  }

  /** The type. @throws {GhostError} `PAYLOAD_TOO_LARGE`. */
  write(type: ValueType): string {
    return this.#written.take(typeof type === "string" ? PRIMITIVES[type] : this.#text(type));
  }

  #text(type: ValueNode): string {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    let text = this.#shape(type);
    if (text.length > LONG_TYPE) {
      const name = this.#names.give("type");
      this.declarations.push(`export type ${name} = ${text};`);
      text = name;
    }
    this.#known.set(type, text);
    return text;
  }

  #declare(name: string, type: ValueType): void {
    if (typeof type === "string") {
      return void this.declarations.push(`export type ${name} = ${PRIMITIVES[type]};`);
    }
    if (type.kind !== "record") {
      return void this.declarations.push(`export type ${name} = ${this.#shape(type)};`);
    }
    const fields = type.fields.map((field) => `  ${this.#field(field)};\n`);
    this.declarations.push(`export interface ${name} {\n${fields.join("")}}`);
  }

  #shape(type: ValueNode): string {
    switch (type.kind) {
      case "list":
        return typedArrayOf(type.element)?.name ?? `${this.#element(type.element)}[]`;
      case "record":
        return type.fields.length === 0
          ? "object"
          : `{ ${type.fields.map((one) => this.#field(one)).join("; ")} }`;
      case "tuple":
        return `[${type.types.map((one) => this.write(one)).join(", ")}]`;
      case "variant":
        return type.cases.map(([name, payload]) => this.#case(name, payload)).join(" | ") || "never";
      case "enum":
        return type.labels.map((label) => this.#written.take(JSON.stringify(label))).join(" | ") || "never";
      case "flags":
        return `{ ${type.labels.map((label) => `${this.#property(label)}: boolean`).join("; ")} }`;
      case "option":
        return isOption(type.type)
          ? `${this.#case("some", type.type)} | ${this.#case("none", null)}`
          : `${this.write(type.type)} | undefined`;
      case "result":
        return `${this.#case("ok", type.ok)} | ${this.#case("err", type.error)}`;
      case "own":
      case "borrow":
        return this.resource(type.resource);
      case "stream":
        return `ReadableStream<${this.#piece(type.type)}>`;
      case "future":
        return `Promise<${this.returned(type.type)}>`;
      case "map":
        return `Map<${this.write(type.key)}, ${this.write(type.value)}>`;
    }
  }

  #element(type: ValueType): string {
    const text = this.write(type);
    return / [|] /.test(text) && !/^[{[]/.test(text) || text.includes(" | {") ? `(${text})` : text;
  }

  #field([name, type]: readonly [name: string, type: ValueType]): string {
    const mayMiss = isOption(type) && !isOption(type.type);
    return `${this.#property(name)}${mayMiss ? "?" : ""}: ${this.write(type)}`;
  }

  #property(label: string): string {
    return this.#written.take(property(camelCase(label)));
  }

  #case(tag: string, payload: ValueType | null): string {
    const name = `tag: ${this.#written.take(JSON.stringify(tag))}`;
    return payload === null ? `{ ${name} }` : `{ ${name}; val: ${this.write(payload)} }`;
  }
}

function isOption(type: ValueType): type is ValueNode & { readonly kind: "option" } {
  return typeof type !== "string" && type.kind === "option";
}
