import { checkComponentSignature, MAX_TYPE_DEPTH } from "./check_types.ts";
import {
  type ComponentSignature,
  type Primitive,
  PRIMITIVES,
  type TypeNode,
  type TypeReference,
} from "./component_types.ts";

const TOKENS = /\s*(->|%?\w(?:[-\w]*\w)?|[(){}<>,:])/y;
const PRIMITIVE_NAMES: ReadonlySet<string> = new Set(PRIMITIVES);

/**
 * Parses what `formatComponentTypes` writes, with any spaces: `(xs: list<u32>) -> u64`. Parameters may be written
 * without names, `(list<u32>) -> u64`; a name of no type is a resource. `undefined` if it is not a signature.
 */
export function parseComponentTypes(text: string): ComponentSignature | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  try {
    return checkComponentSignature(new TypeParser(tokens).signature());
  } catch {
    return undefined;
  }
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  TOKENS.lastIndex = 0;
  while (TOKENS.lastIndex < end) {
    const found = TOKENS.exec(text);
    if (found === null) return undefined;
    tokens.push(found[1]!);
  }
  return tokens;
}

/** Thrown, and caught above: the text is no signature. */
class NoType extends Error {}

class TypeParser {
  readonly #tokens: readonly string[];
  readonly #types: TypeNode[] = [];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  signature(): ComponentSignature {
    this.#expect("(");
    const parameters = this.#until(")", () => this.#parameter());
    const result = this.#takes("->") ? this.#type() : null;
    if (this.#at < this.#tokens.length) throw new NoType();
    return {
      types: this.#types,
      parameters: parameters.map(([name, type], index) => [name ?? `p${index + 1}`, type]),
      result,
    };
  }

  #parameter(): [string | undefined, TypeReference] {
    const name = this.#tokens[this.#at + 1] === ":" ? this.#name() : undefined;
    if (name !== undefined) this.#expect(":");
    return [name, this.#type()];
  }

  #type(): TypeReference {
    if (++this.#depth > MAX_TYPE_DEPTH) throw new NoType();
    const name = this.#name();
    const type = PRIMITIVE_NAMES.has(name) ? name as Primitive : this.#add(this.#node(name));
    this.#depth--;
    return type;
  }

  #add(node: TypeNode): number {
    return this.#types.push(node) - 1;
  }

  #node(name: string): TypeNode {
    switch (name) {
      case "record":
        return [
          "record",
          this.#braces(() => {
            const field = this.#name();
            this.#expect(":");
            return [field, this.#type()] as const;
          }),
        ];
      case "variant":
        return ["variant", this.#braces(() => [this.#name(), this.#payload()] as const)];
      case "enum":
      case "flags":
        return [name, this.#braces(() => this.#name())];
      case "list":
        return this.#list();
      case "tuple":
        return ["tuple", this.#generics()];
      case "option":
        return ["option", this.#only(this.#generics())];
      case "map": {
        const [key, value, ...more] = this.#generics();
        if (key === undefined || value === undefined || more.length > 0) throw new NoType();
        return ["map", key, value];
      }
      case "result":
        return this.#result();
      case "stream":
      case "future":
        return [name, this.#tokens[this.#at] === "<" ? this.#only(this.#generics()) : null];
      case "own":
      case "borrow": {
        this.#expect("<");
        const resource = this.#name();
        this.#expect(">");
        return [name, resource];
      }
      default:
        if (!/^[A-Za-z]/.test(name)) throw new NoType();
        return ["own", name];
    }
  }

  #list(): TypeNode {
    this.#expect("<");
    const element = this.#type();
    const length = this.#takes(",") ? Number(this.#name()) : undefined;
    this.#expect(">");
    return length === undefined ? ["list", element] : ["list", element, length];
  }

  #result(): TypeNode {
    if (!this.#takes("<")) return ["result", null, null];
    const ok = this.#takes("_") ? null : this.#type();
    const error = this.#takes(",") ? this.#type() : null;
    this.#expect(">");
    return ["result", ok, error];
  }

  #payload(): TypeReference | null {
    if (!this.#takes("(")) return null;
    const type = this.#type();
    this.#expect(")");
    return type;
  }

  #generics(): TypeReference[] {
    this.#expect("<");
    return this.#until(">", () => this.#type());
  }

  #only(types: readonly TypeReference[]): TypeReference {
    const [type, ...more] = types;
    if (type === undefined || more.length > 0) throw new NoType();
    return type;
  }

  #braces<T>(read: () => T): T[] {
    this.#expect("{");
    return this.#until("}", read);
  }

  /** Items between commas up to `close`; a comma may stand behind the last. */
  #until<T>(close: string, read: () => T): T[] {
    const items: T[] = [];
    while (!this.#takes(close)) {
      items.push(read());
      if (this.#takes(close)) break;
      this.#expect(",");
    }
    return items;
  }

  #name(): string {
    const name = this.#tokens[this.#at];
    if (name === undefined || !/\w/.test(name)) throw new NoType();
    this.#at++;
    // WIT writes a keyword that is a name with a percent sign.
    return name.startsWith("%") ? name.slice(1) : name;
  }

  #takes(token: string): boolean {
    const isNext = this.#tokens[this.#at] === token;
    if (isNext) this.#at++;
    return isNext;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw new NoType();
  }
}
