import { join } from "@std/path";
import { GhostError } from "../gmp/errors.ts";
import {
  createTemporary,
  statIfThere,
  syncDirectory,
  type Temporary,
  TEMPORARY_SUFFIX,
  tryRemove,
  writeAll,
} from "./_durable.ts";
import { storeFault } from "./_fault.ts";

/** Bytes of the store's secret, as many as the HMAC-SHA256 that it is the key of gives. */
export const SECRET_SIZE = 32;

const SECRET = "secret";
const DIRECTORY_MODE = 0o700;
const SECRET_MODE = 0o600;

/**
 * Makes the store at `home` unless it is there (a directory of mode 0700 and in it `secret`, mode 0600; house.md, "GPMD"),
 * checks that it is the user's alone, and returns the secret. Of daemons that start at once all get the same one.
 *
 * @throws {GhostError} `STORE_FAULT` when the store belongs to another user, is open to others (with the chmod that
 * helps), is a symbolic link, or cannot be written.
 */
export async function openHome(home: string): Promise<Uint8Array> {
  try {
    await makeDirectory(home);
    const directory = await statIfThere(home);
    checkPrivate(home, directory, "directory");
    const temporary = await createTemporary(home);
    try {
      using file = temporary.file;
      // The daemon may not ask for its user id, but the files it makes carry it.
      checkOwner(home, directory, await file.stat());
      if (!await statIfThere(join(home, SECRET))) await drawSecret(home, temporary);
    } finally {
      await tryRemove(temporary.path);
    }
    await sweep(home);
    return await readSecret(home);
  } catch (error) {
    throw storeFault(`open the store "${home}"`, error);
  }
}

/**
 * The secret of the store at `home`, for whoever talks to its daemon. Only reads.
 *
 * @throws {GhostError} `GPMD_NOT_RUNNING` when no daemon has made one yet, `STORE_FAULT` as {@linkcode openHome} has it.
 */
export async function readSecret(home: string): Promise<Uint8Array> {
  const path = join(home, SECRET);
  try {
    const directory = await statIfThere(home);
    const info = directory && await statIfThere(path);
    if (!info) {
      throw new GhostError(
        "GPMD_NOT_RUNNING",
        `Cannot reach GPMD: it never ran on the store "${home}"; start it with: gpmd start`,
      );
    }
    checkPrivate(home, directory, "directory");
    checkPrivate(path, info, "file");
    checkOwner(path, info, directory);
    const secret = info.size === SECRET_SIZE ? await Deno.readFile(path) : undefined;
    if (secret?.length === SECRET_SIZE) return secret;
    throw new GhostError(
      "STORE_FAULT",
      `Cannot use "${path}": it has ${info.size} bytes, not ${SECRET_SIZE}; remove it and GPMD draws a new secret`,
    );
  } catch (error) {
    throw storeFault(`read "${path}"`, error);
  }
}

async function makeDirectory(home: string): Promise<void> {
  try {
    await Deno.mkdir(home, { recursive: true, mode: DIRECTORY_MODE });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error; // what is there is checked next
  }
}

/** Gives the store a secret, or leaves the one that another daemon has given it meanwhile: a link never replaces. */
async function drawSecret(home: string, { path, file }: Temporary): Promise<void> {
  await writeAll(file, crypto.getRandomValues(new Uint8Array(SECRET_SIZE)));
  await file.sync();
  try {
    await Deno.link(path, join(home, SECRET));
  } catch (error) {
    // Not found when the other daemon has swept the temporary, which it does once its own secret is in place.
    if (!(error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotFound)) throw error;
  }
  await syncDirectory(home);
}

/** Removes what a daemon left that died while it drew a secret. */
async function sweep(home: string): Promise<void> {
  for await (const entry of Deno.readDir(home)) {
    if (entry.isFile && entry.name.endsWith(TEMPORARY_SUFFIX)) await tryRemove(join(home, entry.name));
  }
}

function checkPrivate(path: string, info: Deno.FileInfo | undefined, kind: "directory" | "file"): void {
  const mode = (info?.mode ?? 0) & 0o777;
  const reason = info?.isSymlink
    ? "it is a symbolic link"
    : !(kind === "directory" ? info?.isDirectory : info?.isFile)
    ? `it is not a ${kind}`
    : (mode & 0o077) === 0
    ? undefined
    : `its mode ${mode.toString(8).padStart(4, "0")} lets other users in; close it with: chmod ${
      (kind === "directory" ? DIRECTORY_MODE : SECRET_MODE).toString(8)
    } "${path}"`;
  if (reason !== undefined) throw new GhostError("STORE_FAULT", `Cannot use "${path}": ${reason}`);
}

/** User ids are `null` where the system has none. */
function checkOwner(path: string, info: Deno.FileInfo | undefined, own: Deno.FileInfo | undefined): void {
  if (info?.uid === own?.uid) return;
  throw new GhostError(
    "STORE_FAULT",
    `Cannot use "${path}": it belongs to user ${info?.uid}, not to ${own?.uid}`,
  );
}
