import { type Body, type BodyFields, isMap } from "../frames/body.ts";
import { GhostError } from "../errors.ts";

/**
 * What a field may be: how a program gives it, `In`, and how it gets it, `Out`. The kinds below are all there are; a message is
 * a {@linkcode map} of them, from which its types, its encoder and its decoder follow.
 */
export interface Kind<in In, out Out = In> {
  /** What an error says that the value is not: `a string of at most 64 characters`. */
  readonly what: string;
  /** `value` as a program gets it; `undefined` when it is something else. @throws {GhostError} `BAD_REQUEST` for a field inside. */
  readonly read: (value: unknown) => Out | undefined;
  /** `value` as it is sent; the very same where left out. */
  readonly write?: (value: In) => unknown;
  /** Whether it is a map or a list on the wire. */
  readonly isNested: boolean;
  /** The fields of the map that it is. */
  readonly fields?: Fields;
  /** What each item of the list is, or each value of the map under any names. */
  readonly item?: Kind<never, unknown>;
}

/** A field that may be left out. */
export interface Optional<in In, out Out = In> extends Kind<In, Out> {
  /** Tells it from those that may not. */
  readonly isOptional: true;
}

/** The fields of a map, in the order in which they are sent. */
export type Fields = Readonly<Record<string, Kind<never, unknown>>>;

type OptionalNames<F extends Fields> = {
  [Name in keyof F]: F[Name] extends Optional<never, unknown> ? Name : never;
}[keyof F];
type InOf<K> = K extends Kind<infer In, unknown> ? In : never;
type OutOf<K> = K extends Kind<never, infer Out> ? Out : never;
/** One object type out of several, as people read it. */
type Flat<T> = { [Name in keyof T]: T[Name] };

/** What a program gives for a map of these fields. */
export type Given<F extends Fields> = Flat<
  & { readonly [Name in Exclude<keyof F, OptionalNames<F>>]: InOf<F[Name]> }
  & { readonly [Name in OptionalNames<F>]?: InOf<F[Name]> | undefined }
>;

/** What a program gets out of a map of these fields. */
export type Taken<F extends Fields> = Flat<
  & { [Name in Exclude<keyof F, OptionalNames<F>>]: OutOf<F[Name]> }
  & { [Name in OptionalNames<F>]?: OutOf<F[Name]> }
>;

/** A map of whatever fields. */
export interface Message extends Kind<never, unknown> {
  /** See {@linkcode Kind.fields}. */
  readonly fields: Fields;
  /** The body to send. */
  readonly encode: (value: never) => Body;
  /** What a body says. */
  readonly decode: (body: Body) => unknown;
}

/** A map of these fields: a field's kind, and what a message is. */
export interface MapKind<F extends Fields> extends Kind<Given<F>, Taken<F>> {
  /** See {@linkcode Kind.fields}. */
  readonly fields: F;
  /** The body to send. */
  readonly encode: (value: Given<F>) => Body;
  /** What `body` says; other fields of it are skipped. @throws {GhostError} `BAD_REQUEST` naming the first field that is wrong. */
  readonly decode: (body: Body) => Taken<F>;
}

/** A string of at most `longest` UTF-16 units. */
export function text(longest = 1024): Kind<string> {
  return {
    what: `a string of at most ${longest} characters`,
    read: (value) => typeof value === "string" && value.length <= longest ? value : undefined,
    isNested: false,
  };
}

/** One of these strings. */
export function oneOf<const Text extends string>(...texts: Text[]): Kind<Text> {
  return {
    what: `one of ${texts.map((one) => `"${one}"`).join(", ")}`,
    read: (value) => texts.find((one) => one === value),
    isNested: false,
  };
}

/** An integer from `least` to `most`. */
export function integer(least: number, most: number): Kind<number> {
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

/** So many bytes, which are copied: what came is of a buffer that holds the rest of its message. */
export function bytes(length: number): Kind<Uint8Array> {
  return {
    what: `${length} bytes`,
    read: (value) => value instanceof Uint8Array && value.length === length ? value.slice() : undefined,
    isNested: false,
  };
}

/** True or false. */
export const truth: Kind<boolean> = {
  what: "true or false",
  read: (value) => typeof value === "boolean" ? value : undefined,
  isNested: false,
};

/** A list of such items, which an error calls `name`. */
export function list<In, Out>(item: Kind<In, Out>, name: string): Kind<readonly In[], Out[]> {
  const { read, write } = item;
  return {
    what: `a list of ${name}`,
    read: (value) => Array.isArray(value) ? allOf(value.map(read)) : undefined,
    ...write === undefined ? {} : { write: (items) => items.map((one) => write(one)) },
    isNested: true,
    item,
  };
}

/** A map of such values under any names; an error calls them `name`. */
export function record<Value>(
  item: Kind<Value>,
  name: string,
): Kind<Readonly<Record<string, Value>>, Record<string, Value>> {
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

/** A field that may be left out; nil is as good as that. */
export function optional<In, Out>(kind: Kind<In, Out>): Optional<In, Out> {
  return { ...kind, isOptional: true };
}

/** Whether `kind` may be left out. */
export function isOptional(kind: Kind<never, unknown>): boolean {
  return "isOptional" in kind;
}

/** A map of `fields`. */
export function map<const F extends Fields>(fields: F): MapKind<F> {
  const entries = Object.entries(fields).map(([name, kind]) => ({ name, kind, mayMiss: isOptional(kind) }));
  const decode = (body: Body): Taken<F> => {
    const taken: Body = {};
    for (const { name, kind, mayMiss } of entries) {
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
    for (const { name, kind: { write } } of entries) {
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

/** An operation: what its request and its reply say, and whether DATA may follow the request. */
export interface Operation<Request extends Message = Message, Reply extends Message = Message> {
  /** The body of the REQUEST. */
  readonly request: Request;
  /** The body of the REPLY. */
  readonly reply: Reply;
  /** The fields of the REQUEST: whatever else it has is neither decoded nor counted. */
  readonly known: BodyFields;
  /** Whether DATA may follow the REQUEST. */
  readonly takesData: boolean;
}

/** An operation of these fields; `takesData` where DATA may follow its request. */
export function operation<const Request extends Fields, const Reply extends Fields>(
  request: Request,
  reply: Reply,
  { takesData = false }: { readonly takesData?: boolean } = {},
): Operation<MapKind<Request>, MapKind<Reply>> {
  const names = Object.keys(request);
  const known = {
    plain: names.filter((name) => !request[name]!.isNested),
    nested: names.filter((name) => request[name]!.isNested),
  };
  return { request: map(request), reply: map(reply), known, takesData };
}

function allOf<T>(values: readonly (T | undefined)[]): T[] | undefined {
  return values.includes(undefined) ? undefined : values as T[];
}

function wrong(field: string, problem: string): GhostError {
  const message = `Cannot read the message: "${field}" ${problem}`;
  return new GhostError("BAD_REQUEST", message, { details: { field } });
}
