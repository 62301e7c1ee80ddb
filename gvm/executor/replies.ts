import { toolchainOfModule } from "../../gmp/wasm_format/toolchain.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { WHOLE_VALUES } from "../../gmp/channel/value_sender.ts";
import { GhostError } from "../../gmp/errors.ts";
import { CONNECTION_BUDGET } from "../../gmp/frames/budget.ts";
import { encodeBody } from "../../gmp/frames/body.ts";
import type { Frame } from "../../gmp/frames/decoder.ts";
import { Kind } from "../../gmp/frames/frame.ts";
import type { Reply } from "../../gmp/messages/messages.ts";
import { checkComponentSignature } from "../../gmp/types/check_types.ts";
import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import { showName } from "../../gmp/types/quote.ts";
import type { TakenResource } from "../../gmp/types/value_reader.ts";
import { valuesOf } from "../../gmp/types/values.ts";
import { resourceMethods } from "../engine/resource_methods.ts";
import type { ResolvedFunction } from "../engine/resolved_functions.ts";
import type { AnswerStreams } from "./answer_streams.ts";
import type { SessionResources } from "./session_resources.ts";

/** Bytes of decoded arguments that a waiting call may hold uncounted: as many as an unfinished frame of numbers. */
const SMALL_COST = 8192;

/** Bytes of a signature of a component's function that is sent: a REPLY has 256 KiB, and names of the module besides. */
export const MAX_SIGNATURE_BYTES = 253_952;

/** The arguments of a CALL. */
export interface CallArguments {
  /** The values. */
  readonly args: readonly unknown[];
  /** Bytes of memory that they take, if they are many. */
  readonly cost: number;
  /** The resources that the caller gives with them. */
  readonly taken: readonly TakenResource[];
}

const NONE_TAKEN: readonly TakenResource[] = [];

/**
 * Reads the arguments that begin at `start` of `frame`.
 *
 * @throws {GhostError} `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`, `RESOURCE_GONE`; `TOO_MANY_REQUESTS` when too much is held for
 * the connection.
 */
export function readArguments(
  resolved: ResolvedFunction,
  { bytes, view, end, isOwned }: Frame,
  start: number,
  { budget }: Channel,
  resources: SessionResources,
  streams: AnswerStreams | undefined,
): CallArguments {
  if (resolved.component === undefined) {
    return { args: resolved.parameters.read(view, start, end - start), cost: 0, taken: NONE_TAKEN };
  }
  const from = { bytes, view, start, end, isOwned };
  const { values, cost: made, taken } = resolved.codec().readArguments(
    from,
    resources.of(resolved),
    streams?.values,
  );
  // What is not copied refers to the bytes that have come.
  const cost = isOwned ? made + end - start : made;
  if (cost <= SMALL_COST) return { args: values, cost: 0, taken };
  if (budget.fits(cost)) return { args: values, cost, taken };
  resources.putBack(resolved, taken);
  throw new GhostError(
    "TOO_MANY_REQUESTS",
    `Cannot call: this connection has ${CONNECTION_BUDGET} bytes held for it`,
  );
}

/** Sends the RESULT of a call. @throws {GhostError} `PAYLOAD_TOO_LARGE`, `TOO_MANY_REQUESTS`. */
export function reply(
  channel: Channel,
  id: number,
  resolved: ResolvedFunction,
  result: unknown,
  resources: SessionResources,
  streams: AnswerStreams | undefined,
): void {
  if (resolved.component !== undefined) {
    const options = {
      ahead: 0,
      whole: WHOLE_VALUES,
      resources: resources.of(resolved),
      streams: streams?.values,
    };
    channel.sendResult(id, resolved.codec().writeResult(resolved.name, result, options));
    return streams?.wire.answered();
  }
  const { results, signature } = resolved;
  const values = valuesOf(result, signature.results.length);
  const offset = channel.outbox.reserve(Kind.RESULT, 0, 0, id, results.byteLength(values));
  results.write(channel.outbox.view, offset, values);
}

/** Sends the ERROR of a call, and of what of it has `streams`. */
export function refuse(channel: Channel, id: number, error: unknown, streams?: AnswerStreams): void {
  const reason = GhostError.from(error);
  channel.sendError(id, reason);
  streams?.wire.fail(reason);
}

/** The answer to function.resolve. @throws {GhostError} `UNSUPPORTED_SIGNATURE` when a caller could not read it. */
export function found(resolved: ResolvedFunction): Reply<"function.resolve"> {
  const { handle, compiled: { name: module, version, hash } } = resolved;
  const common = { handle, module, version, hash };
  if (resolved.component === undefined) {
    const toolchain = toolchainOfModule(resolved.compiled.description);
    return { ...common, ...resolved.signature, ...toolchain === undefined ? {} : { toolchain } };
  }
  resolved.codec();
  const { types, parameters, result, async } = checked(resolved.name, resolved.component);
  const methods = resourceMethods(resolved.compiled, resolved.component);
  return {
    ...common,
    types,
    parameters,
    result: result ?? undefined,
    async,
    ...methods.length === 0 ? {} : { methods },
  };
}

/** `signature`, if it is within the limits of whoever gets it. */
function checked(name: string, signature: ComponentSignature): ComponentSignature {
  let reason: string | undefined;
  try {
    checkComponentSignature(signature);
  } catch (error) {
    reason = (error as GhostError).message.replace(/^[^:]*: /, "");
  }
  const { length } = encodeBody({ ...signature });
  if (length > MAX_SIGNATURE_BYTES) {
    reason ??= `it takes ${length} bytes, above the limit of ${MAX_SIGNATURE_BYTES}`;
  }
  if (reason === undefined) return signature;
  const message = `Cannot call ${showName(name)}: its signature cannot be sent: ${reason}`;
  throw new GhostError("UNSUPPORTED_SIGNATURE", message);
}
