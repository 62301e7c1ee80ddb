import { type Body, type BodyFields, isMap } from "../frames/body.ts";
import { GhostError } from "../errors.ts";

/**
 * A kind of field: a program sends it as `In` and receives it as `Out`. The kinds below are all there are; a message is
 * a {@linkcode map} of them, from which its types, its encoder and its decoder follow.
 */
export interface FieldKind<in In, out Out = In> {
  /** What a value must be, for errors: `a string of at most 64 characters`. */
  readonly what: string;
  /** The value received, or `undefined` if it is wrong. @throws {GhostError} `BAD_REQUEST` for a field inside. */
  readonly read: (value: unknown) => Out | undefined;
  /** The value to send; by default, `value` itself. */
  readonly write?: (value: In) => unknown;
  /** Whether it is a map or a list. */
  readonly isNested: boolean;
  /** Its fields, if it is a map. */
  readonly fields?: Fields;
  /** Of a {@linkcode choice}, the fields of which it has one. */
  readonly choices?: Fields;
  /** The kind of the items of a list, or of the values of a {@linkcode record}. */
  readonly item?: FieldKind<never, unknown>;
}

/** A field that may be left out. */
interface Optional<in In, out Out = In> extends FieldKind<In, Out> {
  /** Marks it as optional. */
  readonly isOptional: true;
}

/** The fields of a map, in the order in which they are sent. */
export type Fields = Readonly<Record<string, FieldKind<never, unknown>>>;

type OptionalNames<F extends Fields> = {
  [Name in keyof F]: F[Name] extends Optional<never, unknown> ? Name : never;
}[keyof F];
type InOf<K> = K extends FieldKind<infer In, unknown> ? In : never;
type OutOf<K> = K extends FieldKind<never, infer Out> ? Out : never;
/** Several object types as one, which reads better. */
type Flat<T> = { [Name in keyof T]: T[Name] };

/** What a program sends for a map of these fields. */
export type Given<F extends Fields> = Flat<
  & { readonly [Name in Exclude<keyof F, OptionalNames<F>>]: InOf<F[Name]> }
  & { readonly [Name in OptionalNames<F>]?: InOf<F[Name]> | undefined }
>;

/** What a program receives for a map of these fields. */
export type Taken<F extends Fields> = Flat<
  & { [Name in Exclude<keyof F, OptionalNames<F>>]: OutOf<F[Name]> }
  & { [Name in OptionalNames<F>]?: OutOf<F[Name]> }
>;

/** A map of any fields. */
export interface Message extends FieldKind<never, unknown> {
  /** See {@linkcode FieldKind.fields}. */
  readonly fields: Fields;
  /** The body to send. */
  readonly encode: (value: never) => Body;
  /** The fields in a body. */
  readonly decode: (body: Body) => unknown;
}

/** A map of these fields: the kind of a field, or a whole message. */
export interface MapKind<F extends Fields> extends FieldKind<Given<F>, Taken<F>> {
  /** See {@linkcode FieldKind.fields}. */
  readonly fields: F;
  /** The body to send. */
  readonly encode: (value: Given<F>) => Body;
  /** The fields in `body`; skips all others. @throws {GhostError} `BAD_REQUEST` naming the first wrong field. */
  readonly decode: (body: Body) => Taken<F>;
}

/** A string of at most `longest` UTF-16 units. */
export function text(longest = 1024): FieldKind<string> {
  return {
    what: `a string of at most ${longest} characters`,
    read: (value) => typeof value === "string" && value.length <= longest ? value : undefined,
    isNested: false,
  };
}

/** One of these strings. */
export function oneOf<const Text extends string>(...texts: Text[]): FieldKind<Text> {
  return {
    what: `one of ${texts.map((one) => `"${one}"`).join(", ")}`,
    read: (value) => texts.find((one) => one === value),
    isNested: false,
  };
}

/** An integer from `least` to `most`. */
export function integer(least: number, most: number): FieldKind<number> {
  return {
    what: `an integer from ${least} to ${most}`,
    read: (value) => {
      // Other implementations may write small integers in 64 bits, which are decoded as bigints.
      const number = typeof value === "bigint" ? Number(value) : value;
      const isRight = typeof number === "number" && Number.isInteger(number) && number >= least &&
        number <= most;
      return isRight ? number : undefined;
    },
    isNested: false,
  };
}

/** A number from `least` to `most`, whole or not. */
export function number(least: number, most: number): FieldKind<number> {
  return {
    what: `a number from ${least} to ${most}`,
    read: (value) => {
      const number = typeof value === "bigint" ? Number(value) : value;
      return typeof number === "number" && number >= least && number <= most ? number : undefined;
    },
    isNested: false,
  };
}

/** `length` bytes, which are copied: those received are in a buffer with the rest of their message. */
export function bytes(length: number): FieldKind<Uint8Array> {
  return {
    what: `${length} bytes`,
    read: (value) => value instanceof Uint8Array && value.length === length ? value.slice() : undefined,
    isNested: false,
  };
}

/** At most `longest` bytes, which are copied, as those of {@linkcode bytes} are. */
export function upToBytes(longest: number): FieldKind<Uint8Array> {
  return {
    what: `at most ${longest} bytes`,
    read: (value) => value instanceof Uint8Array && value.length <= longest ? value.slice() : undefined,
    isNested: false,
  };
}

/** True or false. */
export const truth: FieldKind<boolean> = {
  what: "true or false",
  read: (value) => typeof value === "boolean" ? value : undefined,
  isNested: false,
};

/** A list of `item`s, which an error calls `name`. */
export function list<In, Out>(item: FieldKind<In, Out>, name: string): FieldKind<readonly In[], Out[]> {
  const { read, write } = item;
  return {
    what: `a list of ${name}`,
    read: (value) => Array.isArray(value) ? allOf(value.map(read)) : undefined,
    ...write === undefined ? {} : { write: (items) => items.map((one) => write(one)) },
    isNested: true,
    item,
  };
}

/** A list of anything, which whoever receives it checks. */
export const anyList: FieldKind<readonly unknown[], unknown[]> = {
  what: "a list",
  read: (value) => Array.isArray(value) ? value : undefined,
  isNested: true,
};

/** A text or an integer, which whoever receives it checks. */
export const textOrInteger: FieldKind<string | number> = {
  what: "a string or an integer",
  read: (value) => typeof value === "bigint" ? Number(value) : isTextOrInteger(value) ? value : undefined,
  isNested: false,
};

function isTextOrInteger(value: unknown): value is string | number {
  return typeof value === "string" && value.length <= 64 || Number.isInteger(value);
}

/** A map of `item`s under any names; an error calls them `name`. */
export function record<Value>(
  item: FieldKind<Value>,
  name: string,
): FieldKind<Readonly<Record<string, Value>>, Record<string, Value>> {
  return {
    what: `a map of ${name}`,
    read: (value) => {
      if (!isMap(value)) return undefined;
      const values = allOf(Object.values(value).map(item.read));
      return values && Object.fromEntries(Object.keys(value).map((key, i) => [key, values[i]!]));
    },
    isNested: true,
    item,
  };
}

/** A map with exactly one of `fields`, which says what it is: what comes with none of them, or several, is refused. */
export function choice<const F extends Fields>(
  fields: F,
): FieldKind<
  { [Name in keyof F]: { readonly [One in Name]: InOf<F[Name]> } }[keyof F],
  { [Name in keyof F]: { [One in Name]: OutOf<F[Name]> } }[keyof F]
> {
  const names = Object.keys(fields);
  const maps = prepared(() => new Map(names.map((name) => [name, map({ [name]: fields[name]! })])));
  const chosen = (value: Body) => names.filter((name) => value[name] != null);
  return {
    what: `a map with one of ${names.map((name) => `"${name}"`).join(", ")}`,
    read: (value) => {
      if (!isMap(value)) return undefined;
      const [name, ...others] = chosen(value);
      return name === undefined || others.length > 0 ? undefined : maps().get(name)!.decode(value) as never;
    },
    write: (value) => maps().get(chosen(value as Body)[0]!)!.encode(value as never),
    isNested: true,
    choices: fields,
  };
}

/** A field that may be left out, or nil. */
export function optional<In, Out>(kind: FieldKind<In, Out>): Optional<In, Out> {
  return { ...kind, isOptional: true };
}

/** Whether a field of this kind may be left out. */
export function isOptional(kind: FieldKind<never, unknown>): boolean {
  return "isOptional" in kind;
}

/** What `make` makes, when it is first asked for: a process uses few of the messages that it loads. */
function prepared<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

/** A map of `fields`. */
export function map<const F extends Fields>(fields: F): MapKind<F> {
  const entries = prepared(() =>
    Object.entries(fields).map(([name, kind]) => ({ name, kind, mayMiss: isOptional(kind) }))
  );
  const decode = (body: Body): Taken<F> => {
    const taken: Body = {};
    for (const { name, kind, mayMiss } of entries()) {
      const value = body[name];
      if (mayMiss && value == null) continue;
      const read = kind.read(value);
      if (read === undefined) throw wrong(name, value === undefined ? "is missing" : `is not ${kind.what}`);
      taken[name] = read;
    }
    return taken as Taken<F>;
  };
  const encode = (given: Given<F>): Body => {
    const body: Body = {};
    for (const { name, kind: { write } } of entries()) {
      const value = (given as Body)[name];
      if (value !== undefined) body[name] = write === undefined ? value : write(value as never);
    }
    return body;
  };
  return {
    what: "a map",
    read: (value) => isMap(value) ? decode(value) : undefined,
    write: encode,
    isNested: true,
    fields,
    encode,
    decode,
  };
}

/** An operation: the fields of its request and its reply, and whether DATA may follow the request. */
export interface Operation<Request extends Message = Message, Reply extends Message = Message> {
  /** The body of the REQUEST. */
  readonly request: Request;
  /** The body of the REPLY. */
  readonly reply: Reply;
  /** The fields of the REQUEST: any others are neither decoded nor counted. */
  readonly known: BodyFields;
  /** Whether DATA may follow the REQUEST. */
  readonly takesData: boolean;
}

/** An operation of these fields; `takesData` if DATA may follow its request. */
export function operation<const Request extends Fields, const Reply extends Fields>(
  request: Request,
  reply: Reply,
  { takesData = false }: { readonly takesData?: boolean } = {},
): Operation<MapKind<Request>, MapKind<Reply>> {
  const known = prepared(() => {
    const names = Object.keys(request);
    return {
      plain: names.filter((name) => !request[name]!.isNested),
      nested: names.filter((name) => request[name]!.isNested),
    };
  });
  return {
    request: map(request),
    reply: map(reply),
    get known() {
      return known();
    },
    takesData,
  };
}

function allOf<T>(values: readonly (T | undefined)[]): T[] | undefined {
  return values.includes(undefined) ? undefined : values as T[];
}

function wrong(field: string, problem: string): GhostError {
  const message = `Cannot read the message: "${field}" ${problem}`;
  return new GhostError("BAD_REQUEST", message, { details: { field } });
}
