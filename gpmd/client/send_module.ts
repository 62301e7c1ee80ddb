import type { AbortOptions } from "../../gmp/abort_options.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { upload } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { UploadedModule } from "../../gmp/messages/module.ts";
import { sha256 } from "../../gmp/wasm_format/sha256.ts";

/** Bytes that are read and sent at a time. */
const CHUNK = 1 << 18;

/** A module to publish. */
export interface UploadOptions extends AbortOptions {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Its bytes, or its file, which is read twice, to hash it and to send it, and never as a whole. */
  readonly module: Uint8Array<ArrayBuffer> | Deno.FsFile;
  /**
   * Publishes it for as long as this connection lasts: GPMD removes it when the client closes, for whatever reason, and
   * it does not outlive GPMD either. Bytes that are already published for good stay so.
   */
  readonly temporary?: boolean;
  /** Called with how many of the bytes have been sent. */
  readonly progress?: (sent: number, total: number) => void;
}

/**
 * Sends `module.put` and the module behind it, and returns the reply
 * (docs/protocol.md, "At GPMD: port 1111, for commands").
 */
export async function sendModule(channel: Channel, options: UploadOptions): Promise<UploadedModule> {
  const { name, version, module, temporary, signal, progress } = options;
  const size = module instanceof Uint8Array ? module.length : (await module.stat()).size;
  const hash = await sha256(chunksOf(module, size), size);
  const announcement = { name, version, size, hash, temporary: temporary ? true : undefined };
  const given = new AbortController();
  const stop = signal === undefined ? given.signal : AbortSignal.any([signal, given.signal]);
  const { reply, send } = upload(channel, "module.put", announcement, { signal: stop });
  let answered = false;
  const answer = reply.finally(() => answered = true).catch(() => {});
  try {
    let sent = 0;
    progress?.(sent, size);
    for await (const chunk of chunksOf(module, size)) {
      if (sent + chunk.length === size) await checkSize(options, size);
      sent += chunk.length;
      const congested = send(chunk, sent < size);
      if (congested !== undefined) await Promise.race([congested, answer]);
      if (answered) return await reply; // before all was sent: a refusal
      progress?.(sent, size);
    }
    if (size === 0) send(new Uint8Array(0), false);
    if (sent === size) return await reply;
    throw fileChanged(options);
  } catch (error) {
    given.abort(error);
    throw error;
  }
}

/** @throws {GhostError} `HASH_MISMATCH` when the module's file has grown since it was hashed. */
async function checkSize(options: UploadOptions, size: number): Promise<void> {
  const { module } = options;
  if (!(module instanceof Uint8Array) && (await module.stat()).size !== size) throw fileChanged(options);
}

function fileChanged({ name, version }: UploadOptions): GhostError {
  const message = `Cannot upload module "${name}" ${version}: its file was written to while it was read`;
  return new GhostError("HASH_MISMATCH", message);
}

/** The first `size` bytes of `module`; each chunk is valid until the next is asked for. */
async function* chunksOf(
  module: Uint8Array<ArrayBuffer> | Deno.FsFile,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  if (module instanceof Uint8Array) {
    for (let start = 0; start < size; start += CHUNK) yield module.subarray(start, start + CHUNK);
    return;
  }
  await module.seek(0, Deno.SeekMode.Start);
  const buffer = new Uint8Array(CHUNK);
  for (let left = size; left > 0;) {
    const count = await module.read(buffer.subarray(0, left));
    if (count === null) return;
    yield buffer.subarray(0, count);
    left -= count;
  }
}
