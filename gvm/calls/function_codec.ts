import { adviceFor } from "../../gmp/wasm_format/toolchain.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { WHOLE_VALUES } from "../../gmp/channel/value_sender.ts";
import type { Frame } from "../../gmp/frames/decoder.ts";
import { Kind } from "../../gmp/frames/frame.ts";
import { type ComponentCodec, prepareComponentCodec } from "../../gmp/types/component_codec.ts";
import { unwrapResult } from "../../gmp/types/component_result.ts";
import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import { LOOKING_STREAMS } from "../../gmp/types/value_streams.ts";
import { type FunctionSignature, isComponentSignature } from "../../gmp/types/function_signature.ts";
import type { CallableSignature } from "../../gmp/types/signature.ts";
import type { ValueCodec } from "../../gmp/types/value_codec.ts";
import {
  type CallResult,
  checkArguments,
  prepareCodec,
  resultOf,
  type WasmNumber,
} from "../../gmp/types/values.ts";
import { CallerStreams } from "./caller_streams.ts";
import { LOOKING } from "./resource.ts";
import type { SessionConnection } from "./session_connection.ts";

/** A call that may give resources away. */
interface Giver {
  /** Makes them the caller's again, because the call has failed. */
  takeBack: (() => void) | undefined;
  /** Its streams and futures, if it may pass any. */
  streams: CallerStreams | undefined;
}

/** Writes the CALLs of one function and reads their RESULTs. */
export interface FunctionCodec<Prepared = unknown> {
  /** Checks the arguments of a call that cannot be sent yet. @throws {GhostError} `BAD_ARGUMENTS`. */
  check(args: readonly unknown[]): void;
  /** Checks the arguments; what it returns is sent before anything else is prepared. @throws {GhostError} `BAD_ARGUMENTS`. */
  prepare(args: readonly unknown[], connection: SessionConnection, giver: Giver): Prepared;
  /** Sends the CALL. */
  send(channel: Channel, id: number, handle: number, prepared: Prepared): void;
  /** Reads the RESULT. @throws {GhostError} `BAD_REQUEST`, `FUNCTION_FAILED`. */
  read(frame: Frame, connection: SessionConnection, streams: CallerStreams | undefined): CallResult;
  /** Whether a RESULT that cannot be read fails its call only, and not the connection. */
  readonly isLenient: boolean;
}

/** The codec for the function `name` of the module with that hash. @throws {GhostError} `UNSUPPORTED_SIGNATURE`. */
export function prepareFunction(
  name: string,
  signature: FunctionSignature,
  { hash, toolchain }: { readonly hash: string; readonly toolchain?: string | undefined },
): FunctionCodec {
  return isComponentSignature(signature)
    ? new ComponentCalls(name, signature, hash)
    : new NumberCalls(name, signature, adviceFor(toolchain)) as FunctionCodec;
}

/** Numbers are written into the outbox itself: this is the hot path. */
class NumberCalls implements FunctionCodec<readonly unknown[]> {
  readonly isLenient = false;
  readonly #name: string;
  readonly #signature: CallableSignature;
  readonly #parameters: ValueCodec<WasmNumber>;
  readonly #results: ValueCodec<WasmNumber>;
  readonly #advice: string | undefined;

  /** With `advice` on what to compile with for other values than numbers. */
  constructor(name: string, signature: CallableSignature, advice: string | undefined) {
    this.#advice = advice;
    this.#name = name;
    this.#signature = signature;
    this.#parameters = prepareCodec(signature.parameters);
    this.#results = prepareCodec(signature.results);
  }

  check(args: readonly unknown[]): void {
    checkArguments(this.#name, this.#signature, args, this.#advice);
  }

  prepare(args: readonly unknown[]): readonly unknown[] {
    this.check(args);
    return args;
  }

  send({ outbox }: Channel, id: number, handle: number, args: readonly unknown[]): void {
    const offset = outbox.reserve(Kind.CALL, 0, 0, id, 4 + this.#parameters.byteLength(args));
    outbox.view.setUint32(offset, handle, true);
    this.#parameters.write(outbox.view, offset + 4, args);
  }

  read({ view, start, end }: Frame): CallResult {
    return resultOf(this.#results.read(view, start, end - start));
  }
}

class ComponentCalls implements FunctionCodec<Uint8Array> {
  readonly isLenient = true;
  /** Whether it may take resources for good. */
  readonly #gives: boolean;
  readonly #name: string;
  readonly #signature: ComponentSignature;
  readonly #codec: ComponentCodec;

  readonly #hash: string;

  constructor(name: string, signature: ComponentSignature, hash: string) {
    this.#name = name;
    this.#signature = signature;
    this.#hash = hash;
    this.#gives = signature.types.some(([kind]) => kind === "own");
    this.#codec = prepareComponentCodec(name, signature);
  }

  check(args: readonly unknown[]): void {
    const options = { ahead: 4, whole: Infinity, resources: LOOKING, streams: LOOKING_STREAMS };
    this.#codec.writeArguments(this.#name, args, options);
  }

  prepare(args: readonly unknown[], connection: SessionConnection, giver: Giver): Uint8Array {
    const resources = connection.resources(this.#hash);
    const given: object[] | undefined = this.#gives ? [] : undefined;
    if (this.#codec.passesStreams) giver.streams = new CallerStreams(connection.channel, resources);
    const bytes = this.#codec.writeArguments(this.#name, args, {
      ahead: 4,
      whole: WHOLE_VALUES,
      resources,
      streams: giver.streams?.values,
      given,
    });
    if (given !== undefined && given.length > 0) {
      giver.takeBack = () => given.forEach((one) => resources.keep(one));
    }
    return bytes;
  }

  send(channel: Channel, id: number, handle: number, bytes: Uint8Array): void {
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, handle, true);
    channel.sendCall(id, bytes);
  }

  read(frame: Frame, connection: SessionConnection, streams: CallerStreams | undefined): CallResult {
    const value = this.#codec.readResult(frame, connection.resources(this.#hash), streams?.values);
    return unwrapResult(this.#name, this.#signature, value) as CallResult;
  }
}
