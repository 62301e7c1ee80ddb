import { GhostError } from "./errors.ts";

/** The original of each copy. */
const originals = new WeakMap<GhostError, GhostError>();

/** A copy of `error` with a stack of its own, for one of several callers that fail with it. */
export function ownError(error: GhostError): GhostError {
  const { code, message, retryable, details, cause, payload } = error;
  const own = new GhostError(code, message, {
    retryable,
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined ? {} : { cause }),
    payload,
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
 * Rejects with `error`, whose stack then has the lines of the program that await it. A promise of an answer is resolved
 * with this one: V8 follows it to whoever awaits it, at no cost to answers that come.
 */
export async function rejection(error: GhostError): Promise<never> {
  await undefined;
  await undefined; // by now that promise waits for this one
  Error.captureStackTrace(error, rejection);
  throw error;
}

/** The call site of something whose failure perhaps nobody awaits. Capturing it costs some 2 µs. */
export class CallSite {
  readonly #captured: { readonly stack?: string } = {};

  /** Captures the lines that led to the call of `asked`. */
  constructor(asked: new (...args: never[]) => unknown) {
    Error.captureStackTrace(this.#captured, asked);
  }

  /** A copy of `error` whose stack has those lines. */
  attach(error: GhostError): GhostError {
    const own = ownError(error);
    own.stack = `${own}\n${this.#captured.stack?.replace(/^.*\n/, "")}`;
    return own;
  }
}
