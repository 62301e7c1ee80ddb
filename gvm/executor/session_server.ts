import { checkBody } from "../../gmp/frames/body.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { answering, type Handlers } from "../../gmp/channel/messages.ts";
import type { Frame } from "../../gmp/frames/decoder.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag, Kind } from "../../gmp/frames/frame.ts";
import type { Identity } from "../../gmp/handshake/identity.ts";
import type { IncomingRequest, RequestHandlers } from "../../gmp/channel/incoming.ts";
import type { ReceivedRequest, Reply } from "../../gmp/messages/messages.ts";
import { checkName, checkVersion } from "../../gmp/names.ts";
import { valuesOf } from "../../gmp/types/values.ts";
import type { FunctionCall } from "../engine/function_instance.ts";
import type { Quota, StandardStream } from "../wasi/mod.ts";
import type { OutputStream } from "../engine/output.ts";
import type { ResolvedFunction, Session } from "../engine/session.ts";
import { queueInput } from "./queue_input.ts";
import type { ProcessStreams } from "./process_streams.ts";
import { flagOf, runOutput } from "./run_output.ts";
import { SessionFiles } from "./session_files.ts";

/** Most arguments, and most variables, of one run. */
const ARGUMENT_LIMIT = 4096;
/** A CALL from a channel, which gets its output. */
class RemoteCall implements FunctionCall {
  constructor(readonly id: number, readonly channel: Channel) {}

  output(bytes: Uint8Array, stream: OutputStream): void {
    this.channel.sendData(this.id, bytes, flagOf(stream));
  }
}

/** Serves one session over one connection (docs/protocol.md, "At an executor"). */
export class SessionServer {
  readonly #files: SessionFiles;
  /** The operations of a session. */
  readonly handlers: RequestHandlers;

  /**
   * Serves `session` to `caller`; its files count against `quota`, and its runs use the process's streams in
   * `streams`.
   */
  constructor(
    readonly session: Session,
    readonly caller: Identity,
    quota: Quota,
    readonly streams: ProcessStreams,
  ) {
    this.#files = new SessionFiles(quota);
    this.handlers = answering({ ...this.#handlers, ...this.#files.handlers });
  }

  readonly #handlers: Handlers = {
    "function.resolve": (wanted, { id }) => this.#resolve(wanted, id),
    "module.run": (wanted, request) => this.#run(wanted, request),
    "module.reset": ({ module, version }) => {
      this.session.reset(checkName(module, "module name"), checked(version));
      return {};
    },
  };

  /** Answers a CALL, at once if the function need not wait. */
  readonly call = (frame: Frame, channel: Channel): void => {
    const { id, view, end } = frame;
    try {
      const start = (frame.flags & Flag.EXTENDED) === 0 ? frame.start : afterExtension(frame);
      if (end - start < 4) throw new GhostError("BAD_REQUEST", "Cannot call: the frame has no handle");
      const resolved = this.session.function(view.getUint32(start, true));
      const args = resolved.parameters.read(view, start + 4, end - start - 4);
      const result = this.session.call(resolved, args, new RemoteCall(id, channel));
      if (!(result instanceof Promise)) return reply(channel, id, resolved, result);
      result.then((value) => reply(channel, id, resolved, value), (error) => refuse(channel, id, error));
    } catch (error) {
      refuse(channel, id, error);
    }
  };

  /** The session has ended. */
  close(): void {
    this.#files.close();
  }

  async #resolve(
    wanted: ReceivedRequest<"function.resolve">,
    id: number,
  ): Promise<Reply<"function.resolve">> {
    const name = checkName(wanted.module, "module name");
    const resolved = await this.session.resolve(name, checked(wanted.version), wanted.function, id);
    const { name: module, version } = resolved.compiled;
    return { handle: resolved.handle, module, version, ...resolved.signature };
  }

  async #run(
    { argv = [], env = {}, directories = [], ...wanted }: ReceivedRequest<"module.run">,
    request: IncomingRequest,
  ): Promise<Reply<"module.run">> {
    const module = checkName(wanted.module, "module name");
    const version = checked(wanted.version);
    if (argv.length > ARGUMENT_LIMIT || Object.keys(env).length > ARGUMENT_LIMIT) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot run ${module}: it was given more than ${ARGUMENT_LIMIT} arguments`,
      );
    }
    const terminals = distinct(wanted.terminals ?? []);
    const { streams } = this;
    const exitCode = await this.session.run(module, version, {
      id: request.id,
      args: [module, ...argv],
      env,
      stdin: streams.stdin ?? queueInput(request.data, terminals.has("stdin")),
      terminals,
      preopens: this.#files.preopens(directories),
      signal: request.signal,
      output: streams.output(request, runOutput(request)),
    });
    if (streams.failure !== undefined) throw streams.failure;
    return { exitCode };
  }
}

/** The streams that are terminals, each named at most once. @throws {GhostError} `BAD_REQUEST`. */
function distinct(named: readonly StandardStream[]): Set<StandardStream> {
  const streams = new Set(named);
  if (streams.size === named.length) return streams;
  throw new GhostError("BAD_REQUEST", "Cannot run: a stream is named twice as a terminal");
}

/**
 * The offset of the handle in a CALL with a header extension: after a length (u16) and a map of that many
 * bytes, whose fields have no meaning yet.
 *
 * @throws {GhostError} `BAD_REQUEST` without such a map.
 */
function afterExtension({ bytes, view, start, end }: Frame): number {
  const map = start + 2;
  const after = map + (map <= end ? view.getUint16(start, true) : 0);
  if (after > end) throw new GhostError("BAD_REQUEST", "Cannot call: the frame's extension is cut off");
  checkBody(bytes.subarray(map, after), {});
  return after;
}

/** @throws {GhostError} `INVALID_NAME` for an invalid version. */
function checked(version: string | undefined): string | undefined {
  return version === undefined ? undefined : checkVersion(version);
}

function reply(channel: Channel, id: number, resolved: ResolvedFunction, result: unknown): void {
  const { results, signature } = resolved;
  const values = valuesOf(result, signature.results.length);
  const offset = channel.outbox.reserve(Kind.RESULT, 0, 0, id, results.byteLength(values));
  results.write(channel.outbox.view, offset, values);
}

function refuse(channel: Channel, id: number, error: unknown): void {
  channel.sendError(id, GhostError.from(error));
}
