/** Something that is there, or will be. */
export type Maybe<T> = T | Promise<T>;

/** What `next` makes of `value`, at once if it is there. */
export function after<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
