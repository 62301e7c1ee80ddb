import { head } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag, LARGE_REPLY_CAP } from "../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import type { ReceivedRequest, Reply } from "../../gmp/messages/messages.ts";
import type { ModuleStore } from "../store/module_store.ts";
import { bringHere, type ModulePlaces, type OpenModule, openModule } from "./wanted_module.ts";
import type { Semaphore } from "../../gmp/async/semaphore.ts";

/** Bytes of a module that are read and sent at a time. */
const CHUNK = 1 << 18;
/** Parts that are read at once, for all connections: thousands would keep a small request waiting for seconds. */
export const MAX_READS = 4;
/** Bytes of a module that fit into a REPLY as base64, beside its other fields. */
const MAX_BASE64_SIZE = Math.floor((LARGE_REPLY_CAP - 4096) / 4) * 3;

/** The answer to `module.list` (docs/protocol.md, "At GPMD: port 5989, for nodes"). */
export function listModules(store: ModuleStore): Reply<"module.list"> {
  return { modules: store.list() };
}

/**
 * Answers the `module.get` requests of one connection one at a time, so that a side that reads slowly, or not at all,
 * costs no more when it asks for many modules.
 */
export class ModuleSender {
  readonly #places: ModulePlaces;
  readonly #reads: Semaphore;
  #tail: Promise<unknown> = Promise.resolve();

  /** Sends modules of the store and of other devices; `reads` limits how many parts are read at once. */
  constructor({ reads, ...places }: ModulePlaces & { readonly reads: Semaphore }) {
    this.#places = places;
    this.#reads = reads;
  }

  /**
   * Answers `request`.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `PAYLOAD_TOO_LARGE` for base64, the store's errors for a
   * damaged file, and for a module of another device as `bringHere`.
   */
  async send(wanted: ReceivedRequest<"module.get">, request: IncomingRequest): Promise<Reply<"module.get">> {
    // Before its turn: a slow device must not keep modules of this one waiting.
    if (wanted.hash !== undefined) await bringHere(this.#places, wanted);
    const answer = this.#tail.then(() => this.#answer(wanted, request));
    this.#tail = answer.catch(() => {});
    return await answer;
  }

  async #answer(
    wanted: ReceivedRequest<"module.get">,
    request: IncomingRequest,
  ): Promise<Reply<"module.get">> {
    const { signal, channel } = request;
    const { encoding, ifNoneMatch, start = 0 } = wanted;
    signal.throwIfAborted();
    const { file, brought, ...module } = await openModule(this.#places, wanted);
    using _ = file;
    const { name, version, hash, size } = module;
    const reply = brought ? { ...module, brought } : module;
    if (encoding === "none") return reply;
    if (ifNoneMatch === hash) return { ...reply, unchanged: true };
    if (start > size) {
      throw new GhostError("BAD_REQUEST", `Cannot send module "${name}" ${version}: it has ${size} bytes`);
    }
    const end = Math.min(size, start + (wanted.count ?? size));
    const part = { module, file, start, end };
    if (start > 0) await file.seek(start, Deno.SeekMode.Start);
    if (encoding === "bytes") {
      await sendBytes(request, part, reply, this.#reads);
      return reply;
    }
    if (end - start > MAX_BASE64_SIZE) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot send module "${name}" ${version}: its ${size} bytes are too many for base64; ask for the encoding "bytes"`,
      );
    }
    // Takes memory for this module only once the one before has left.
    await channel.outbox.taken();
    signal.throwIfAborted();
    return { ...reply, binary: await readBase64(part) };
  }
}

/** A part of a module, whose file is at its start. */
interface ModulePart {
  readonly module: Omit<OpenModule, "file" | "brought">;
  readonly file: Deno.FsFile;
  readonly start: number;
  readonly end: number;
}

/** What parts were read into, for the next ones. */
const spare: Uint8Array<ArrayBuffer>[] = [];

/** Sends the reply, then the part, never faster than the other side reads. */
async function sendBytes(
  request: IncomingRequest,
  { module, file, start, end }: ModulePart,
  reply: Reply<"module.get">,
  reads: Semaphore,
): Promise<void> {
  head(request, "module.get", reply);
  if (start === end) await request.send(new Uint8Array(0), 0);
  // The first use of new memory costs as much as a copy.
  const chunk = spare.pop() ?? new Uint8Array(CHUNK);
  try {
    for (let sent = start; sent < end;) {
      request.signal.throwIfAborted();
      const count = await reads.run(() => file.read(chunk.subarray(0, end - sent)));
      if (count === null) throw cutShort(module);
      sent += count;
      const more = sent < end ? Flag.MORE : 0;
      await request.send(chunk.subarray(0, count), more);
    }
  } finally {
    if (spare.length < MAX_READS) spare.push(chunk);
  }
}

async function readBase64({ module, file, start, end }: ModulePart): Promise<string> {
  const bytes = new Uint8Array(end - start);
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw cutShort(module);
    filled += count;
  }
  return bytes.toBase64();
}

function cutShort({ name, version, size }: ModulePart["module"]): GhostError {
  const reason = `its file ended before all of the ${size} bytes were read`;
  return new GhostError("HASH_MISMATCH", `Cannot send module "${name}" ${version}: ${reason}`);
}
