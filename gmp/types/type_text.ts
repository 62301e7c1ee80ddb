import type { ComponentSignature, TypeNode, TypeReference } from "./component_types.ts";

/** Characters after which the text of a type is cut: a table of a few bytes may describe millions of parts. */
const MAX_TYPE_TEXT = 4000;

/**
 * A type as WIT writes it (component-model, WIT, "Types"), without names, which WIT has and a table has not:
 * `record {name: string, age: u32}`, `list<u8>`, `result<_, string>`. A long one is cut, and ends in `…`.
 */
export function formatType(types: readonly TypeNode[], type: TypeReference): string {
  const text = new TypeText(types);
  text.type(type);
  return text.end();
}

/** A signature as WIT writes it, without the name: `(name: string) -> string`. */
export function formatComponentTypes({ types, parameters, result }: ComponentSignature): string {
  const text = new TypeText(types);
  text.write("(");
  text.named(parameters);
  text.write(")");
  if (result !== null) text.write(" -> ").type(result);
  return text.end();
}

/** A text that grows until it is long enough. */
class TypeText {
  readonly #types: readonly TypeNode[];
  #text = "";

  constructor(types: readonly TypeNode[]) {
    this.#types = types;
  }

  end(): string {
    return this.#isFull ? `${this.#text.slice(0, MAX_TYPE_TEXT)}…` : this.#text;
  }

  get #isFull(): boolean {
    return this.#text.length > MAX_TYPE_TEXT;
  }

  write(text: string): this {
    this.#text += text;
    return this;
  }

  type(type: TypeReference | null): void {
    if (this.#isFull) return;
    if (type === null) this.write("_");
    else if (typeof type === "string") this.write(type);
    else this.#node(this.#types[type]!);
  }

  /** `name: type, …`; a case without a payload is its name. */
  named(pairs: readonly (readonly [string, TypeReference | null])[], open = ": ", close = ""): void {
    this.#each(pairs, ([name, type]) => {
      this.write(name);
      if (type === null) return;
      this.write(open).type(type);
      this.write(close);
    });
  }

  #node(node: TypeNode): void {
    switch (node[0]) {
      case "list":
        this.write("list<").type(node[1]);
        return void this.write(node[2] === undefined ? ">" : `, ${node[2]}>`);
      case "record":
        this.write("record {").named(node[1]);
        return void this.write("}");
      case "variant":
        this.write("variant {").named(node[1], "(", ")");
        return void this.write("}");
      case "enum":
      case "flags":
        return void this.write(`${node[0]} {${node[1].join(", ")}}`);
      case "tuple":
        return this.#generic("tuple", node[1]);
      case "option":
        return this.#generic("option", [node[1]]);
      case "map":
        return this.#generic("map", [node[1], node[2]]);
      case "result":
        return this.#generic(
          "result",
          node[2] !== null ? [node[1], node[2]] : node[1] !== null ? [node[1]] : [],
        );
      case "stream":
      case "future":
        return this.#generic(node[0], node[1] === null ? [] : [node[1]]);
      case "own":
        return void this.write(node[1]);
      case "borrow":
        return void this.write(`borrow<${node[1]}>`);
    }
  }

  #generic(name: string, types: readonly (TypeReference | null)[]): void {
    this.write(name);
    if (types.length === 0) return;
    this.write("<").#each(types, (type) => this.type(type));
    this.write(">");
  }

  #each<T>(items: readonly T[], write: (item: T) => void): void {
    for (const [index, item] of items.entries()) {
      if (this.#isFull) return;
      if (index > 0) this.write(", ");
      write(item);
    }
  }
}
