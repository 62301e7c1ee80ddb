/** A WIT `result`. */
export type Result<T, E> = { readonly tag: "ok"; readonly val: T } | { readonly tag: "err"; readonly val: E };

/** A result that is fine. */
export function ok<T>(val: T): { readonly tag: "ok"; readonly val: T } {
  return { tag: "ok", val };
}

/** A result that is an error. */
export function err<const E>(val: E): { readonly tag: "err"; readonly val: E } {
  return { tag: "err", val };
}
