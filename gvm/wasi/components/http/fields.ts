import type { HostFunction } from "../../../component/host.ts";
import { err, ok, type Result } from "../result.ts";
import type { HttpBudget } from "./budget.ts";

/** The variant `wasi:http/types.header-error`, as far as it is returned here. */
interface HeaderError {
  readonly tag: "invalid-syntax" | "forbidden" | "immutable";
}

/** A field's name and a value of it. */
type Field = [name: string, value: Uint8Array];

/** RFC 9110, 5.6.2, `token`. */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Fields of a connection rather than of a message, and `host`, which is the request's authority. */
const FORBIDDEN = new Set([
  "connection",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** The resource `wasi:http/types.fields`: the headers or trailers of a message. */
export class Fields {
  #taken = 0;

  /** Made of `entries`, which count. Those of a message that is made are `immutable`, and share its entries. */
  constructor(readonly budget: HttpBudget, public entries: Field[], readonly immutable = false) {
    if (!immutable) this.#count();
  }

  /** The same fields for who may only read them. */
  readOnly(): Fields {
    return new Fields(this.budget, this.entries, true);
  }

  /** The values of `name`, whose case makes no difference. */
  get(name: string): Uint8Array[] {
    return this.entries.filter(([one]) => same(one, name)).map(([, value]) => value);
  }

  /** Replaces the fields of `name`, or adds to them. */
  change(name: string, values: readonly Uint8Array[], adds: boolean): Result<void, HeaderError> {
    if (this.immutable) return err({ tag: "immutable" });
    const error = errorOf(name, values);
    if (error !== undefined) return err(error);
    const kept = adds ? this.entries : this.entries.filter(([one]) => !same(one, name));
    // All fields of a name are written as the first of them.
    const [written] = kept.find(([one]) => same(one, name)) ?? [name];
    this.entries = [...kept, ...values.map((value): Field => [written, value.slice()])];
    this.#count();
    return ok(undefined);
  }

  /** Removes the fields of `name`, and returns their values. */
  take(name: string): Result<Uint8Array[], HeaderError> {
    const values = this.get(name);
    const changed = this.change(name, [], false);
    return changed.tag === "ok" ? ok(values) : changed;
  }

  /** Called when the guest has dropped it. */
  close(): void {
    this.budget.give(this.#taken);
    this.#taken = 0;
  }

  #count(): void {
    this.close();
    this.#taken = this.budget.take(
      this.entries.reduce((sum, [name, { length }]) => sum + 64 + name.length + length, 0),
    );
  }
}

/** The functions of the resource `fields`; 0.2 asks for all of them by another name than 0.3. */
export function fieldFunctions(budget: HttpBudget, allName: string): Record<string, HostFunction> {
  return {
    "[constructor]fields": (): Fields => new Fields(budget, []),
    "[static]fields.from-list": (entries: readonly Field[]): Result<Fields, HeaderError> => {
      for (const [name, value] of entries) {
        const error = errorOf(name, [value]);
        if (error !== undefined) return err(error);
      }
      return ok(new Fields(budget, entries.map(([name, value]) => [name, value.slice()])));
    },
    "[method]fields.get": (self: Fields, name: string): Uint8Array[] => self.get(name),
    "[method]fields.has": (self: Fields, name: string): boolean => self.get(name).length > 0,
    "[method]fields.set": (self: Fields, name: string, values: readonly Uint8Array[]) =>
      self.change(name, values, false),
    "[method]fields.delete": (self: Fields, name: string) => self.change(name, [], false),
    "[method]fields.append": (self: Fields, name: string, value: Uint8Array) =>
      self.change(name, [value], true),
    "[method]fields.get-and-delete": (self: Fields, name: string) => self.take(name),
    [`[method]fields.${allName}`]: (self: Fields): Field[] => self.entries,
    "[method]fields.clone": (self: Fields): Fields => new Fields(budget, self.entries),
  };
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** What is wrong with fields of `name`. RFC 9110, 5.5: a value has no control characters but tabs. */
function errorOf(name: string, values: readonly Uint8Array[]): HeaderError | undefined {
  const isValid = TOKEN.test(name) &&
    values.every((value) => value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127)));
  if (!isValid) return { tag: "invalid-syntax" };
  return FORBIDDEN.has(name.toLowerCase()) ? { tag: "forbidden" } : undefined;
}
