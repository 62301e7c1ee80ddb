// What the project uses of @std/cli 1; the implementation is npm's deno-std.
// Dotted argument names work at run time, but only the real package's types know them.

type Names = string | undefined;
type Aliases = Partial<Record<string, string | readonly string[]>>;

type AliasesOf<K, A> = K extends keyof A ? A[K] extends string ? A[K]
  : A[K] extends readonly (infer N extends string)[] ? N
  : never
  : never;

/** Every given name and each of its aliases, with the type `V`. */
type Named<K, A, V> = { [N in Extract<K | AliasesOf<K, A>, string>]: V };

type Given<K, D> = Extract<K, keyof D>;
type Missing<K, D> = Exclude<K, keyof D | undefined>;

type Values<B, S, C, N, D, A> =
  & { [name: string]: unknown }
  & Named<Exclude<B, C | undefined>, A, boolean>
  & Named<Extract<B, C>, A, boolean[]>
  & Named<Extract<S, C>, A, string[]>
  & Partial<Named<Missing<Exclude<S, C | N>, D>, A, string>>
  & Partial<Named<Missing<Exclude<Extract<S, N>, C>, D>, A, string | false>>
  & {
    [K in Given<Exclude<S, C>, D> as K | Extract<AliasesOf<K, A>, string>]:
      | string
      | D[K & keyof D];
  };

export type Args<
  T extends Record<string, unknown> = Record<string, unknown>,
  DD = undefined,
> =
  & T
  & { _: Array<string | number> }
  & (true extends DD ? { "--": string[] } : { "--"?: string[] });

export interface ParseOptions<
  B extends boolean | Names = boolean | Names,
  S extends Names = Names,
  C extends Names = Names,
  N extends Names = Names,
  D extends Record<string, unknown> | undefined =
    | Record<string, unknown>
    | undefined,
  A extends Aliases | undefined = Aliases | undefined,
  DD extends boolean | undefined = boolean | undefined,
> {
  /** Put everything after `--` into the result's `"--"` instead of `_`. */
  "--"?: DD;
  alias?: A;
  /** `true` takes every undeclared `--name` without a value for a boolean. */
  boolean?: B | ReadonlyArray<Extract<B, string>>;
  default?: D;
  /** Put everything after the first positional argument into `_`. */
  stopEarly?: boolean;
  string?: S | ReadonlyArray<Extract<S, string>>;
  collect?: C | ReadonlyArray<Extract<C, string>>;
  negatable?: N | ReadonlyArray<Extract<N, string>>;
  /** Called for each undeclared argument; what it returns `false` for is dropped. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export function parseArgs<
  const B extends boolean | Names = undefined,
  const S extends Names = undefined,
  const C extends Names = undefined,
  const N extends Names = undefined,
  D extends Record<string, unknown> | undefined = undefined,
  const A extends Aliases | undefined = undefined,
  DD extends boolean | undefined = undefined,
>(
  args: readonly string[],
  options?: ParseOptions<B, S, C, N, D, A, DD>,
): Args<Values<B, S, C, N, D, A>, DD>;
