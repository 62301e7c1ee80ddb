/**
 * Runs in a mount namespace of its own, on a small file system mounted at the directory that it is given: what the store
 * does when the disk is full and when it is read-only. Prints as JSON what happened.
 */
import type { GhostError } from "../../gmp/errors.ts";
import { openHome } from "../../gpmd/store/home.ts";
import { ModuleStore } from "../../gpmd/store/module_store.ts";
import { ADD_MODULE, moduleOf, put, read, storedFiles } from "./_modules.ts";

const PAGE = 4096;

/** A refusal, and what the store had after it. */
export interface Refusal {
  code: string;
  message: string;
  reason: unknown;
  files: string[];
  /** Whether the module from before still has its bytes. */
  intact: boolean;
}

/** What the parent reads. */
export interface Outcome {
  tooLarge: Refusal;
  noRoomForIndex: Refusal;
  afterMakingRoom: string[];
  uploadReadOnly: Refusal;
  removeReadOnly: Refusal;
  openReadOnly: string;
}

if (import.meta.main) {
  const mount = Deno.args[0]!;
  const home = `${mount}/home`;
  await openHome(home);
  const store = await ModuleStore.open(home);
  await put(store, "old", "v1.0.0", ADD_MODULE);

  const refusal = async (action: () => Promise<unknown>): Promise<Refusal> => {
    const error = await action().then(() => undefined, (error: GhostError) => error);
    const bytes = await read(store, "old");
    return {
      code: error?.code ?? "none",
      message: error?.message ?? "",
      reason: error?.details?.reason,
      files: storedFiles(home),
      intact: bytes.toHex() === ADD_MODULE.toHex(),
    };
  };
  const run = async (command: string, ...args: string[]) => {
    const { success } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
    if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
  };

  const tooLarge = await refusal(() => put(store, "new", "v1.0.0", moduleOf(1_000_000)));
  // Room for the module to the page, and so none for the index.
  const ballast = `${mount}/ballast`;
  const file = Deno.openSync(ballast, { create: true, write: true });
  let size = 0;
  try {
    for (;;) size += file.writeSync(new Uint8Array(PAGE));
  } catch { /* full */ }
  file.truncateSync(size - 3 * PAGE);
  file.close();
  const noRoomForIndex = await refusal(() => put(store, "new", "v1.0.0", moduleOf(3 * PAGE)));
  Deno.removeSync(ballast);
  await put(store, "new", "v1.0.0", moduleOf(3 * PAGE));
  const afterMakingRoom = storedFiles(home);

  // The lock is open to be written, and so its file system cannot become read-only under it; the modules can.
  const modules = `${home}/modules`;
  await run("mount", "--bind", modules, modules);
  await run("mount", "-o", "remount,bind,ro", modules);
  const uploadReadOnly = await refusal(() => put(store, "newer", "v1.0.0", ADD_MODULE));
  const removeReadOnly = await refusal(() => store.remove("old"));
  await run("umount", modules);
  await store.close();
  await run("mount", "-o", "remount,ro", mount);
  const openReadOnly = await openHome(home).then(() => "none", (error: GhostError) => error.message);
  const outcome: Outcome = {
    tooLarge,
    noRoomForIndex,
    afterMakingRoom,
    uploadReadOnly,
    removeReadOnly,
    openReadOnly,
  };
  console.log(JSON.stringify(outcome));
}
