import { crypto } from "@std/crypto/crypto";
import type { ModuleStore } from "../../gpmd/store/module_store.ts";
import type { ModuleAnnouncement, Publication } from "../../gpmd/store/module_upload.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A valid module of exactly `size` bytes (16 or more), different for each `seed`: a custom section and nothing else. */
export function moduleOf(size: number, seed = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size).fill(seed);
  bytes.set(HEADER);
  const content = size - HEADER.length - 6; // after the id and a length of five bytes
  bytes[8] = 0;
  for (let i = 0; i < 5; i++) bytes[9 + i] = (content >>> 7 * i & 0x7f) | (i < 4 ? 0x80 : 0);
  bytes[14] = 1; // the section is called "x"
  bytes[15] = 0x78;
  return bytes;
}

/** `(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))` */
// deno-fmt-ignore
export const ADD_MODULE: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...HEADER,
  1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f,
  3, 2, 1, 0,
  7, 7, 1, 3, 0x61, 0x64, 0x64, 0, 0,
  10, 9, 1, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b,
]);

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

export async function announce(
  name: string,
  version: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<ModuleAnnouncement> {
  return { name, version, size: bytes.length, hash: await sha256(bytes) };
}

/** Uploads `bytes` in chunks. */
export async function put(
  store: ModuleStore,
  name: string,
  version: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Publication> {
  const upload = await store.begin(await announce(name, version, bytes));
  for (let start = 0; start < bytes.length; start += 65_536) {
    await upload.write(bytes.subarray(start, start + 65_536));
  }
  return await upload.commit();
}

/** The stored bytes of a version. */
export async function read(
  store: ModuleStore,
  name: string,
  version?: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { file } = store.get(name, version);
  return new Uint8Array(await new Response(file.readable).arrayBuffer());
}

/** Names in the directory of modules, in order. */
export function storedFiles(home: string): string[] {
  return Array.from(Deno.readDirSync(`${home}/modules`), ({ name }) => name).sort();
}

/** A home that does not exist yet, in a directory that is removed with it. */
export function temporaryHome(): { home: string } & Disposable {
  const directory = Deno.makeTempDirSync({ prefix: "ghost-" });
  return {
    home: `${directory}/home`,
    [Symbol.dispose]: () => remove(directory),
  };
}

/** Removes a directory, though a link that has lost its GPMD may write its last there meanwhile. */
function remove(directory: string): void {
  for (let tries = 1;; tries++) {
    try {
      return Deno.removeSync(directory, { recursive: true });
    } catch (error) {
      if (tries === 100 || (error as { code?: string }).code !== "ENOTEMPTY") throw error;
    }
  }
}
