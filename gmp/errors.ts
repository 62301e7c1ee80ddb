import { isExhausted, systemReason } from "./system_error.ts";

/**
 * The closed set of error codes of docs/protocol.md, "Errors", each with the sentence that a user reads if the sender
 * gave none.
 */
export const ERROR_SENTENCES = {
  GPMD_NOT_RUNNING: "GPMD is not running on this device; start it with: gpmd start",
  GPMD_ALREADY_RUNNING: "GPMD is already running on this device",
  PORT_IN_USE: "The port is held by another program",
  UNAUTHENTICATED: "The other side did not prove that it knows the secret",
  BAD_REQUEST: "The request is not of the form that its operation takes",
  UNKNOWN_OPERATION: "The operation is not known here",
  PAYLOAD_TOO_LARGE: "The payload is larger than its kind may be",
  TOO_MANY_CONNECTIONS: "There are too many connections already",
  TOO_MANY_REQUESTS: "There are too many requests under way already",
  RESOURCE_EXHAUSTED: "The system has no room for more files, processes or memory",
  NAME_TAKEN: "The name is taken by another node",
  INVALID_NAME: "The name or version has characters that are not allowed",
  NODE_NOT_FOUND: "No node of that name is registered",
  NOT_CONNECTED: "The node is not connected; connect first with: node.connect(name)",
  CONNECTION_DENIED: "The node denied the connection",
  TICKET_EXPIRED: "The connection ticket was used already or is too old",
  CONNECTION_LOST: "The connection was lost before the answer came",
  MODULE_NOT_FOUND: "No module of that name was uploaded",
  VERSION_NOT_FOUND: "The module has no such version",
  VERSION_EXISTS: "The version has already been published with other bytes",
  STORE_FAULT: "The store on disk cannot be used as it is",
  NOT_A_MODULE: "The bytes are not a valid WebAssembly module",
  HASH_MISMATCH: "The bytes do not have the hash that was announced",
  FUNCTION_NOT_FOUND: "The module exports no function of that name",
  IMPORT_NOT_FOUND: "The module imports something that nobody provides",
  BAD_ARGUMENTS: "The arguments do not fit the signature of the function",
  UNSUPPORTED_SIGNATURE: "The signature has types that cannot be passed between nodes",
  FUNCTION_FAILED: "The function returned an error",
  RESOURCE_GONE: "The resource is gone: it was dropped or given away, or its instance has ended",
  TRAP: "The module trapped",
  TIME_LIMIT: "The call ran longer than its time limit",
  MEMORY_LIMIT: "The module needs more memory than its limit",
  OUTPUT_LIMIT: "The call wrote more output than its limit",
  EXECUTOR_RESTARTED: "The executor was restarted before the call was answered",
  CANCELLED: "The call was cancelled",
  LINK_NOT_RUNNING: "The link to other devices is not running; gpmd start starts it where a device is paired",
  DEVICE_NOT_FOUND: "No device of that name is paired with this one",
  DEVICE_UNREACHABLE: "The device cannot be reached now",
  PAIRING_FAILED: "The two devices could not be paired",
  NOT_GRANTED: "The caller has no grant for this",
  INTERNAL: "Something went wrong in Ghost Network itself",
} as const satisfies Record<string, string>;

/** One code of the closed set of docs/protocol.md, "Errors". */
export type ErrorCode = keyof typeof ERROR_SENTENCES;

/** Codes after which the same request may succeed when tried again. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "TOO_MANY_CONNECTIONS",
  "TOO_MANY_REQUESTS",
  "RESOURCE_EXHAUSTED",
  "TICKET_EXPIRED",
  "CONNECTION_LOST",
  "EXECUTOR_RESTARTED",
  "LINK_NOT_RUNNING",
  "DEVICE_UNREACHABLE",
]);

/** What may accompany a {@linkcode GhostError}. */
export interface GhostErrorOptions {
  /** Whether the same request may succeed when tried again; by default decided by the code. */
  retryable?: boolean;
  /** Facts for programs, small and of MessagePack types: a position, a port, a suggestion. */
  details?: Record<string, unknown>;
  /** The error underneath, kept on this side of the wire only. */
  cause?: unknown;
  /** The error that a function returned, see {@linkcode GhostError.payload}. */
  payload?: unknown;
}

/** True when `code` is of the closed set of docs/protocol.md, "Errors". */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_SENTENCES, code);
}

/**
 * The one error type of Ghost Network (docs/protocol.md, "Errors"). Programs look at `code`, people read `message`.
 *
 * @example
 * ```ts
 * import { GhostError } from "@ghost/network";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new GhostError("NODE_NOT_FOUND", 'Cannot connect: node "node-1" is not registered');
 * assertEquals(error.code, "NODE_NOT_FOUND");
 * assertEquals(error.retryable, false);
 * ```
 */
export class GhostError extends Error {
  /** The code, from a closed set. */
  readonly code: ErrorCode;
  /** Whether the same request may succeed when tried again. */
  readonly retryable: boolean;
  /** Facts for programs. */
  readonly details: Record<string, unknown> | undefined;
  /** Of `FUNCTION_FAILED`, the error that the function of a component returned: a value of the error type of its result. */
  readonly payload: unknown;

  /** Makes an error of `code`, by default with the sentence of the code. */
  constructor(code: ErrorCode, message?: string, options: GhostErrorOptions = {}) {
    super(
      message ?? ERROR_SENTENCES[code],
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = `GhostError: ${code}`; // an error that nobody catches is shown by its name and message
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.details = options.details;
    this.payload = options.payload;
  }

  /**
   * `error` itself if it is a {@linkcode GhostError}, else `INTERNAL` (or `code`) with `error` as its cause. If the
   * system has no room left, which may show anywhere, it is `RESOURCE_EXHAUSTED`.
   */
  static from(error: unknown, code: ErrorCode = "INTERNAL"): GhostError {
    if (error instanceof GhostError) return error;
    if (isExhausted(error)) {
      return new GhostError("RESOURCE_EXHAUSTED", `Cannot go on: ${systemReason(error)}`, { cause: error });
    }
    const message = error instanceof Deno.errors.NotCapable || !(error instanceof Error)
      ? systemReason(error)
      : error.message;
    return new GhostError(code, `${ERROR_SENTENCES[code]}: ${message}`, { cause: error });
  }
}

/** A GhostError as a union by `code`: in a `switch` on it, a forgotten code is a type error. */
export type AnyGhostError = { [Code in ErrorCode]: GhostError & { readonly code: Code } }[ErrorCode];

/**
 * True for a {@linkcode GhostError}, which it narrows to the union by its code.
 *
 * @example
 * ```ts
 * import { GhostError, isGhostError } from "@ghost/network";
 * import { assertEquals } from "@std/assert";
 *
 * function advice(error: unknown): string {
 *   if (!isGhostError(error)) throw error;
 *   switch (error.code) {
 *     case "NODE_NOT_FOUND":
 *       return "is it running?";
 *     case "TIME_LIMIT":
 *     case "MEMORY_LIMIT":
 *       return "raise the limits of the node";
 *     default:
 *       return error.retryable ? "try again" : error.message;
 *   }
 * }
 * assertEquals(advice(new GhostError("CONNECTION_LOST")), "try again");
 * ```
 */
export function isGhostError(error: unknown): error is AnyGhostError {
  return error instanceof GhostError;
}
