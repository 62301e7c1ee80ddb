import { camelCase } from "../camel_case.ts";
import type { Primitive, TypeNode, TypeReference } from "../component_types.ts";
import { quote } from "../quote.ts";
import { describeType } from "../value_types.ts";

/** How values are printed. */
export interface WaveOptions {
  /** Characters after which the text is cut, and ends in `…`; all of it by default. */
  readonly limit?: number | undefined;
  /** What a resource is called. */
  resource(value: object, resource: string): string;
}

/** Words with a meaning of their own; a case of that name is written with `%`. */
const WORDS: ReadonlySet<string> = new Set(["true", "false", "inf", "nan", "some", "none", "ok", "err"]);

/**
 * A value of `type`, as JavaScript has it (see `component_types.ts`; of a stream a list of its elements, of a future its value),
 * as WAVE writes it (WebAssembly Value Encoding,
 * "Encoding"), in one line: `{name: "Ada", tags: ["x", "yz"]}`. What is printed reads back as the same value.
 */
export function printWave(
  value: unknown,
  type: TypeReference,
  types: readonly TypeNode[],
  options: WaveOptions,
): string {
  const printer = new WavePrinter(types, options);
  printer.value(value, type);
  return printer.end();
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text, if people can read it: UTF-8 without control characters, except for tabs and the ends of lines. */
function readable(bytes: Uint8Array): string | undefined {
  try {
    const text = decoder.decode(bytes);
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** A text that grows until it is long enough. */
class WavePrinter {
  readonly #types: readonly TypeNode[];
  readonly #options: WaveOptions;
  readonly #limit: number;
  #text = "";

  constructor(types: readonly TypeNode[], options: WaveOptions) {
    this.#types = types;
    this.#options = options;
    this.#limit = options.limit ?? Infinity;
  }

  end(): string {
    if (!this.#isFull) return this.#text;
    return `${this.#text.slice(0, this.#limit).replace(/[\ud800-\udbff]$/, "")}…`;
  }

  get #isFull(): boolean {
    return this.#text.length > this.#limit;
  }

  value(value: unknown, type: TypeReference): void {
    if (this.#isFull) return;
    if (typeof type !== "number") return void this.#write(this.#primitive(value, type));
    const node = this.#types[type]!;
    switch (node[0]) {
      case "list":
      case "stream":
        if (node[1] === "u8" && value instanceof Uint8Array && value.length > 0) {
          const text = readable(value);
          if (text !== undefined) return void this.#write(`b${this.#string(text)}`);
        }
        return this.#each("[", "]", value as ArrayLike<unknown>, (item) => this.#part(item, node[1]));
      case "tuple":
        return this.#each("(", ")", node[1], (part, i) => this.value((value as unknown[])[i], part));
      case "record":
        return this.#record(value as Record<string, unknown>, node[1]);
      case "variant": {
        const { tag, val } = value as { tag: string; val?: unknown };
        return this.#case(word(tag), val, node[1].find(([name]) => name === tag)?.[1] ?? null);
      }
      case "enum":
        return void this.#write(word(value as string));
      case "option": {
        const val = this.#some(value, node[1]);
        return val === undefined ? void this.#write("none") : this.#case("some", val.val, node[1]);
      }
      case "result": {
        const { tag, val } = value as { tag: "ok" | "err"; val?: unknown };
        return this.#case(tag, val, tag === "ok" ? node[1] : node[2]);
      }
      case "flags": {
        const set = value as Record<string, boolean>;
        const names = node[1].filter((name) => set[camelCase(name)] === true);
        return this.#each("{", "}", names, (name) => this.#write(name));
      }
      case "map":
        return this.#each("[", "]", [...value as Map<unknown, unknown>], ([key, item]) => {
          this.#each(
            "(",
            ")",
            [[key, node[1]], [item, node[2]]] as const,
            ([one, type]) => this.value(one, type),
          );
        });
      case "own":
      case "borrow":
        return void this.#write(this.#options.resource(value as object, node[1]));
      case "future":
        return this.#part(value, node[1]);
    }
  }

  /** What may have no value. */
  #part(value: unknown, type: TypeReference | null): void {
    if (type === null) this.#write("_");
    else this.value(value, type);
  }

  #primitive(value: unknown, type: Primitive): string {
    switch (type) {
      case "f32":
      case "f64":
        return float(value as number, type);
      case "char":
        return value === '"' ? `'"'` : `'${quote(value as string).slice(1, -1).replace("'", "\\'")}'`;
      case "string":
        return this.#string(value as string);
      default:
        return String(value);
    }
  }

  #string(value: string): string {
    // More than there is room for, but bounded however long the text is.
    const shown = value.length > this.#limit ? value.slice(0, this.#limit + 1).toWellFormed() : value;
    return quote(shown);
  }

  #record(
    value: Record<string, unknown>,
    fields: readonly (readonly [string, TypeReference])[],
  ): void {
    // An option that is none is left out.
    const shown = fields.filter(([name, type]) => {
      const node = typeof type === "number" ? this.#types[type] : undefined;
      return node?.[0] !== "option" || this.#some(value[camelCase(name)], node[1]) !== undefined;
    });
    if (shown.length === 0) return void this.#write("{:}");
    this.#each("{", "}", shown, ([name, type]) => {
      this.#write(`${name}: `);
      this.value(value[camelCase(name)], type);
    });
  }

  /** The value in an option, if there is one. */
  #some(value: unknown, payload: TypeReference): { readonly val: unknown } | undefined {
    const isBoxed = typeof payload === "number" && this.#types[payload]![0] === "option";
    if (!isBoxed) return value === undefined ? undefined : { val: value };
    const box = value as { readonly tag: "some" | "none"; readonly val?: unknown } | undefined;
    return box?.tag === "some" ? { val: box.val } : undefined;
  }

  #case(name: string, value: unknown, type: TypeReference | null): void {
    this.#write(name);
    if (type === null) return;
    this.#write("(");
    this.value(value, type);
    this.#write(")");
  }

  #each<T>(open: string, close: string, items: ArrayLike<T>, print: (item: T, index: number) => void): void {
    this.#write(open);
    for (let i = 0; i < items.length; i++) {
      if (this.#isFull) return;
      if (i > 0) this.#write(", ");
      print(items[i]!, i);
    }
    this.#write(close);
  }

  #write(text: string): void {
    this.#text += text;
  }
}

/** The name of a case, so that it is no word of WAVE. */
function word(name: string): string {
  return WORDS.has(name) ? `%${name}` : name;
}

function float(value: number, type: "f32" | "f64"): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return describeType(type).print(value);
}
