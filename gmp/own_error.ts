import { GhostError } from "./errors.ts";

/** What a copy is a copy of. */
const originals = new WeakMap<GhostError, GhostError>();

/** A copy of `error`, for one of several whom it concerns: each has a stack of its own. */
export function ownError(error: GhostError): GhostError {
  const { code, message, retryable, details, cause } = error;
  const own = new GhostError(code, message, {
    retryable,
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined ? {} : { cause }),
  });
  Error.captureStackTrace(own, ownError);
  originals.set(own, error);
  return own;
}

/** True when `error` is a copy of `original`. */
export function isOwn(error: unknown, original: GhostError | undefined): error is GhostError {
  return original !== undefined && error instanceof GhostError && originals.get(error) === original;
}

/**
 * Fails with `error`, whose stack then has the lines of the program that wait for it. A promise that waits for an answer is
 * resolved with this one: V8 follows it to whoever awaits it, which costs the answers that come nothing.
 */
export async function rejection(error: GhostError): Promise<never> {
  await undefined;
  await undefined; // by now that promise waits for this one
  Error.captureStackTrace(error, rejection);
  throw error;
}

/** Where something was asked for whose failure nobody may be waiting for. Taking it costs some 2 µs. */
export class AskedAt {
  readonly #place: { readonly stack?: string } = {};

  /** The lines that led to the call of `asked`. */
  constructor(asked: new (...args: never[]) => unknown) {
    Error.captureStackTrace(this.#place, asked);
  }

  /** `error` with those lines. */
  place(error: GhostError): GhostError {
    const own = ownError(error);
    own.stack = `${own}\n${this.#place.stack?.replace(/^.*\n/, "")}`;
    return own;
  }
}
