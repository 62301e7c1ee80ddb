import { checkBody } from "../../gmp/frames/body.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { answering, type Handlers } from "../../gmp/channel/messages.ts";
import type { Frame } from "../../gmp/frames/decoder.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag } from "../../gmp/frames/frame.ts";
import type { IncomingRequest, RequestHandlers } from "../../gmp/channel/incoming.ts";
import type { ReceivedRequest, Reply } from "../../gmp/messages/messages.ts";
import type { SessionGrant } from "../../gmp/messages/grants.ts";
import { checkPluginConfig } from "../../gmp/wasm_format/extism.ts";
import { checkName, checkVersion } from "../../gmp/names.ts";
import type { Quota, StandardStream } from "../wasi/mod.ts";
import type { OutputStream } from "../engine/output.ts";
import type { ResolvedFunction } from "../engine/resolved_functions.ts";
import type { Session } from "../engine/session.ts";
import { type AnswerStreams, answerStreams } from "./answer_streams.ts";
import { GrantedRuns } from "./granted_runs.ts";
import { type HeldFunction, HeldFunctions } from "./held_functions.ts";
import { queueInput } from "./queue_input.ts";
import type { ProcessStreams } from "./process_streams.ts";
import { RemoteCall } from "./remote_call.ts";
import { type CallArguments, found, readArguments, refuse, reply } from "./replies.ts";
import { flagOf, runOutput } from "./run_output.ts";
import { SessionFiles } from "./session_files.ts";
import { allowed, type SessionGrants } from "./session_grants.ts";
import { SessionImports } from "./session_imports.ts";
import { SessionResources } from "./session_resources.ts";
import type { GrantWatch } from "./watchdog.ts";

/** Most arguments, and most variables, of one run. */
const ARGUMENT_LIMIT = 4096;
/** Most calls of one session that wait for a change of grants, which comes within milliseconds. */
const LATE_LIMIT = 4096;

/** Serves one session over one connection (docs/protocol.md, "At an executor"). */
export class SessionServer {
  readonly #files: SessionFiles;
  readonly #grants: SessionGrants;
  readonly #watch: GrantWatch;
  readonly #held: HeldFunctions;
  readonly #resources = new SessionResources();
  readonly #imports = new SessionImports();
  readonly #runs: GrantedRuns;
  /** Calls that wait for a list of grants. */
  #late = 0;
  /** The operations of a session. */
  readonly handlers: RequestHandlers;

  /**
   * Serves `session` as far as `grants` allow; its files count against `quota`, and its runs use the process's
   * streams in `streams`.
   */
  constructor(
    readonly session: Session,
    grants: SessionGrants,
    watch: GrantWatch,
    quota: Quota,
    readonly streams: ProcessStreams,
  ) {
    this.#grants = grants;
    this.#watch = watch;
    this.#runs = new GrantedRuns(session.number, grants, watch);
    this.#held = new HeldFunctions(session, grants, watch);
    this.#files = new SessionFiles(quota, () => grants.refusal);
    this.handlers = answering({ ...this.#handlers, ...this.#files.handlers });
  }

  readonly #handlers: Handlers = {
    "function.resolve": (wanted, { id }) => this.#resolve(wanted, id),
    "module.run": (wanted, request) => this.#run(wanted, request),
    "module.reset": ({ module, version, hash }) => {
      this.session.reset(checkName(module, "module name"), checked(version), hash);
      return {};
    },
    "resource.drop": ({ handles }, request) => this.#drop(handles, request),
    "module.find": (wanted, { id }) => this.#find(wanted, id),
    "imports.provide": (wanted, request) => this.#provide(wanted, request),
  };

  /** Answers a CALL, at once if the function need not wait. */
  readonly call = (frame: Frame, channel: Channel): void => {
    const { id, view, end } = frame;
    let streams: AnswerStreams | undefined;
    try {
      const start = (frame.flags & Flag.EXTENDED) === 0 ? frame.start : afterExtension(frame);
      if (end - start < 4) throw new GhostError("BAD_REQUEST", "Cannot call: the frame has no handle");
      const held = this.#held.get(view.getUint32(start, true));
      const { resolved } = held;
      const passes = resolved.component !== undefined && resolved.codec().passesStreams;
      streams = passes ? answerStreams(channel, id, this.#resources.of(resolved)) : undefined;
      const args = readArguments(resolved, frame, start + 4, channel, this.#resources, streams);
      this.#callHeld(held, args, new RemoteCall(id, channel, held.terms, streams));
    } catch (error) {
      refuse(channel, id, error, streams);
    }
  };

  /** The caller may do this from now on, by the change of that number; what runs without a grant is ended. */
  change(grants: readonly SessionGrant[], revision: number): void {
    this.#grants.change(grants, revision);
    this.#held.changed();
    this.#runs.changed();
  }

  /** The session has ended. */
  close(): void {
    this.#files.close();
    if (this.#grants.restricted) this.#watch.forget(this.session.number);
  }

  #callHeld(held: HeldFunction, args: CallArguments, call: RemoteCall): void {
    const { resolved } = held;
    try {
      if (held.revision < this.#grants.latest) this.#callLate(held, args, call);
      else this.#call(resolved, args, call);
    } catch (error) {
      this.#resources.putBack(resolved, args.taken);
      throw error;
    }
  }

  #call(resolved: ResolvedFunction, { args, cost, taken }: CallArguments, call: RemoteCall): void {
    const { id, channel, streams } = call;
    const result = this.session.call(resolved, args, call);
    if (!(result instanceof Promise)) return reply(channel, id, resolved, result, this.#resources, streams);
    this.#charging(channel, cost, result)
      .then((value) => call.answer(() => reply(channel, id, resolved, value, this.#resources, streams)))
      .catch((error) => {
        this.#resources.putBack(resolved, taken);
        refuse(channel, id, error, streams);
        if (streams !== undefined) this.session.abandon(id); // it may go on, and nobody has its streams
      });
  }

  /** Charges `cost` bytes, if any, to `channel` until `waits` is settled. */
  #charging<T>({ budget }: Channel, cost: number, waits: Promise<T>): Promise<T> {
    if (cost === 0) return waits;
    budget.take(cost);
    return waits.finally(() => budget.give(cost));
  }

  /** Answers a CALL of a function that is refused, or was not checked since grants changed. */
  #callLate(held: HeldFunction, args: CallArguments, { id, channel, streams }: RemoteCall): void {
    const { coming } = this.#grants;
    if (coming === undefined) throw this.#held.refusal(held.resolved);
    if (this.#late >= LATE_LIMIT) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot call: ${LATE_LIMIT} calls wait for a change of grants`,
      );
    }
    this.#late++;
    this.#charging(channel, args.cost, coming).then(() => {
      this.#late--;
      try {
        this.#callHeld(held, args, new RemoteCall(id, channel, held.terms, streams));
      } catch (error) {
        refuse(channel, id, error, streams);
      }
    });
  }

  async #resolve(
    wanted: ReceivedRequest<"function.resolve">,
    id: number,
  ): Promise<Reply<"function.resolve">> {
    const name = checkName(wanted.module, "module name");
    const { config } = wanted;
    if (config !== undefined) checkPluginConfig(config);
    await this.#grants.coming;
    const granted = this.#grants.ofFunction(name, wanted.function);
    const provided = wanted.imports === undefined ? undefined : this.#imports.get(wanted.imports);
    const exactly = this.#grants.exactly(provided?.hash ?? wanted.hash);
    if (!exactly?.elsewhere) allowed(granted); // before anything is loaded
    const resolved = await this.#grants.orRefuse(
      exactly,
      this.session.resolve(name, checked(wanted.version), wanted.function, id, exactly, { config, provided }),
    );
    await this.#grants.coming;
    this.#held.hold(resolved);
    return found(resolved);
  }

  /** Drops the caller's resources, all of them that there are. @throws {GhostError} for the first that could not be dropped. */
  async #drop(handles: readonly number[], { id, send }: IncomingRequest): Promise<Reply<"resource.drop">> {
    const output = (bytes: Uint8Array, stream: OutputStream) => void send(bytes, flagOf(stream));
    const failures: unknown[] = [];
    for (const handle of handles) {
      try {
        const { value, resource, from } = this.#resources.take(handle);
        try {
          await this.session.release(from, value, { id, output, terms: this.#held.termsOf(from) });
        } finally {
          this.#resources.putBack(from, [[value, handle, resource]]); // if it could not even begin
        }
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return {};
  }

  /** The session's program provides functions; nobody else may, since they are part of the program. */
  async #provide(
    { module, version, hash, ...wanted }: ReceivedRequest<"imports.provide">,
    { id, channel }: IncomingRequest,
  ): Promise<Reply<"imports.provide">> {
    if (this.#grants.restricted) {
      throw new GhostError("BAD_REQUEST", "Cannot provide imports: only the program whose node this is may");
    }
    const exactly = this.#grants.exactly(hash);
    const found = await this.session.load(
      checkName(module, "module name"),
      checked(version),
      id,
      exactly,
    );
    return this.#imports.provide(found, wanted, channel);
  }

  async #find(wanted: ReceivedRequest<"module.find">, id: number): Promise<Reply<"module.find">> {
    const name = checkName(wanted.module, "module name");
    const version = checked(wanted.version);
    await this.#grants.coming;
    const granted = this.#grants.ofRun(name);
    const exactly = this.#grants.exactly(wanted.hash);
    if (!exactly?.elsewhere) allowed(granted);
    const found = await this.#grants.orRefuse(exactly, this.session.load(name, version, id, exactly));
    await this.#grants.coming;
    allowed(this.#grants.ofRun(name, found.brought));
    return { module: name, version: found.version, hash: found.hash };
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
    const { config } = wanted;
    if (config !== undefined) checkPluginConfig(config);
    const terminals = distinct(wanted.terminals ?? []);
    const { streams } = this;
    await this.#grants.coming;
    const provided = wanted.imports === undefined ? undefined : this.#imports.get(wanted.imports);
    const exactly = this.#grants.exactly(provided?.hash ?? wanted.hash);
    if (!exactly?.elsewhere) allowed(this.#grants.ofRun(module));
    const { brought = false } = exactly === undefined
      ? {}
      : await this.#grants.orRefuse(exactly, this.session.load(module, version, request.id, exactly));
    using granted = this.#runs.begin(module, brought, request.signal);
    const exitCode = await this.session.run(module, version, {
      exactly,
      provisions: { config, imports: provided?.imports, importsWait: true },
      ...granted.options,
      id: request.id,
      args: [module, ...argv],
      env,
      stdin: streams.stdin ?? queueInput(request.data, terminals.has("stdin")),
      terminals,
      preopens: this.#files.preopens(directories),
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
