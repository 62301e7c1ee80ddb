import { newKey } from "../../gmp/handshake/keys.ts";
import { checkOwner, checkPrivate, PRIVATE_MODES } from "../../gmp/device/private_path.ts";
import { readSecret, secretPath } from "../../gmp/device/secret.ts";
import {
  createTemporaryFile,
  statIfThere,
  syncDirectory,
  type TemporaryFile,
  tryRemove,
  writeAll,
} from "../../gmp/device/durable.ts";
import { storeFault } from "./_fault.ts";

/**
 * Makes the store at `home` (a directory of mode 0700 with the file `secret`, mode 0600) unless it is there, checks
 * that it is the user's alone, and returns the secret. Daemons that start at the same time all get the same one.
 *
 * @throws {GhostError} `STORE_FAULT` when the store belongs to another user, is open to others (with the chmod that
 * helps), is a symbolic link, or cannot be written.
 */
export async function openHome(home: string): Promise<Uint8Array> {
  try {
    await makeDirectory(home);
    const directory = await Deno.lstat(home);
    checkPrivate(home, directory, "directory");
    const temporary = await createTemporaryFile(home);
    try {
      using file = temporary.file;
      // The daemon may not ask for its user id, but the files it makes carry it.
      checkOwner(home, directory, await file.stat());
      if (!await statIfThere(secretPath(home))) await drawSecret(home, temporary);
    } finally {
      await tryRemove(temporary.path);
    }
    return await readSecret(home, Deno);
  } catch (error) {
    throw storeFault(`open the store "${home}"`, error);
  }
}

async function makeDirectory(home: string): Promise<void> {
  try {
    await Deno.mkdir(home, { recursive: true, mode: PRIVATE_MODES.directory });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error; // what is there is checked next
  }
}

/** Gives the store a secret, unless another daemon has done so meanwhile: a link never replaces a file. */
async function drawSecret(home: string, { path, file }: TemporaryFile): Promise<void> {
  await writeAll(file, newKey());
  await file.sync();
  try {
    await Deno.link(path, secretPath(home));
  } catch (error) {
    // NotFound: the daemon that has the store has swept the temporary file, which it does once its secret is there.
    if (!(error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotFound)) throw error;
  }
  await syncDirectory(home);
}
