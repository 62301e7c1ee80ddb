// deno-fmt-ignore-file: these are the very declarations, which declarations_test.ts compares.
// deno-lint-ignore-file no-misused-new -- a function may be called constructor
// Types of odd-names@v0.0.1, SHA-256 0000000000000000000000000000000000000000000000000000000000000000, written by gpmd wasm types.

/** The functions of odd-names. */
export interface OddNames {
  "a b"(): Promise<void>;
  "\""(): Promise<void>;
  "*/"(): Promise<void>;
  "\u202e"(): Promise<void>;
  "\n"(): Promise<void>;
  "ü"(): Promise<void>;
  constructor(): Promise<void>;
  "new"(): Promise<void>;
}
