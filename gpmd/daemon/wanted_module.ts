import { GhostError } from "../../gmp/errors.ts";
import { checkDeviceName, checkHashName, checkName, checkVersion, writeHash } from "../../gmp/names.ts";
import type { ReceivedRequest } from "../../gmp/messages/messages.ts";
import type { DaemonState } from "./daemon_state.ts";

/** Where modules are: in the store, among those that were fetched, and on other devices. */
export type ModulePlaces = Pick<DaemonState, "store" | "fetched" | "remoteModules">;

type Wanted = Pick<ReceivedRequest<"module.get">, "name" | "version" | "hash" | "elsewhere" | "device">;

/** A module that is here, with its file open to read; the caller closes it. */
export interface OpenModule {
  readonly name: string;
  /** `sha256:…` for one that has no version here, nor was given one. */
  readonly version: string;
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  readonly file: Deno.FsFile;
  /** Whether it is not published here under that name: whoever asks for it has brought it. */
  readonly brought: boolean;
}

/**
 * Has the module with the hash of `wanted`, if it has one, come from another device unless it is here.
 *
 * @throws {GhostError} as `RemoteModules.fetch`.
 */
export async function bringHere(
  { store, fetched, remoteModules }: ModulePlaces,
  wanted: Wanted,
): Promise<void> {
  const { name, version, hash, elsewhere = false, device } = wanted;
  if (hash === undefined || !elsewhere) return;
  checkHashName(hash);
  if (device !== undefined) checkDeviceName(device);
  if (store.withHash(hash, checkName(name, "module name"), version) !== undefined) return;
  const here = await fetched.get(hash);
  if (here !== undefined) return here.file.close();
  await remoteModules.fetch({ name, hash, device });
}

/**
 * Opens the module that is `wanted`: by its hash exactly that one, whatever it is called here.
 *
 * @throws {GhostError} as `ModuleStore.get`; `HASH_MISMATCH` when the version is published here with another hash.
 */
export async function openModule({ store, fetched }: ModulePlaces, wanted: Wanted): Promise<OpenModule> {
  const { name, hash } = wanted;
  if (hash === undefined) {
    const { module, file } = store.get(name, wanted.version);
    return { name, version: module.version, hash: module.hash, size: module.size, file, brought: false };
  }
  checkHashName(hash);
  checkName(name, "module name");
  const version = wanted.version === undefined ? undefined : checkVersion(wanted.version);
  const here = version === undefined ? undefined : store.hashOf(name, version);
  if (here !== undefined && here !== hash) throw twoContents(name, version!, hash, here);
  const published = store.withHash(hash, name, version);
  if (published !== undefined) {
    const { module: { size }, file } = store.get(published.name, published.version);
    const brought = published.name !== name;
    const label = published.name === name ? published.version : writeHash(hash);
    return { name, version: version ?? label, hash, size, file, brought };
  }
  const found = await fetched.get(hash);
  if (found !== undefined) {
    return { name, version: version ?? writeHash(hash), hash, ...found, brought: true };
  }
  throw new GhostError(
    "MODULE_NOT_FOUND",
    `Cannot find module "${name}" ${writeHash(hash)}: no module with that hash is here`,
  );
}

/** One version that has other bytes here than where the question comes from. */
function twoContents(name: string, version: string, wanted: string, here: string): GhostError {
  return new GhostError(
    "HASH_MISMATCH",
    `Cannot use ${name}@${version}: it is ${writeHash(here)} here, not ${writeHash(wanted)}`,
    { details: { here, wanted } },
  );
}
