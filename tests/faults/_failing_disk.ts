/**
 * Runs in a mount namespace of its own, on a small file system mounted at the directory that it is given: what a real daemon
 * does when the disk is full and when it is read-only. Prints as JSON what happened.
 */
import type { GhostError } from "../../gmp/errors.ts";
import { connectNode, getBytes } from "../gpmd/_node.ts";
import { ADD_MODULE, moduleOf, storedFiles } from "../gpmd/_modules.ts";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";

/** A refusal, and how the daemon was after it. */
interface Refusal {
  readonly code: string;
  readonly reason: unknown;
  readonly files: string[];
  /** Whether a node can register, and get the module from before as it was. */
  readonly serves: boolean;
}

/** What the parent reads. */
export interface Outcome {
  readonly tooLarge: Refusal;
  readonly uploadFull: Refusal;
  readonly removeFull: Refusal;
  readonly startFull: string;
  readonly afterMakingRoom: string[];
  readonly uploadReadOnly: Refusal;
  readonly removeReadOnly: Refusal;
  readonly startReadOnly: string;
  readonly atLast: string[];
}

const PAGE = 4096;

async function run(command: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
}

function fill(path: string): void {
  using file = Deno.openSync(path, { create: true, write: true });
  try {
    for (;;) file.writeSync(new Uint8Array(PAGE));
  } catch { /* full */ }
}

async function refusal(daemon: TestDaemon, action: () => Promise<unknown>): Promise<Refusal> {
  const error = await action().then(() => undefined, (error: GhostError) => error);
  await using node = await connectNode(daemon);
  await node.register("node-1");
  const { bytes } = await getBytes(node.channel, { name: "old" });
  return {
    code: error?.code ?? "none",
    reason: error?.details?.reason,
    files: storedFiles(daemon.settings.home),
    serves: bytes.toHex() === ADD_MODULE.toHex(),
  };
}

if (import.meta.main) {
  const mount = Deno.args[0]!;
  const settings = { home: `${mount}/home`, commandPort: 0, gmpPort: 0 };
  const { home } = settings;
  const startError = async () => {
    try {
      await using _ = await startDaemon(settings);
      return "none";
    } catch (error) {
      const { code, message } = error as GhostError;
      return `${code} ${message.replaceAll(mount, "")}`;
    }
  };

  const daemon = await startDaemon(settings);
  const client = await daemon.connect();
  await client.upload({ name: "old", version: "v1.0.0", module: ADD_MODULE });
  const upload = (module: Uint8Array<ArrayBuffer>) => () =>
    client.upload({ name: "new", version: "v1.0.0", module });
  const tooLarge = await refusal(daemon, upload(moduleOf(2_000_000)));
  fill(`${mount}/ballast`);
  const uploadFull = await refusal(daemon, upload(moduleOf(3 * PAGE)));
  const removeFull = await refusal(daemon, () => client.remove("old"));
  await client.close();
  await daemon[Symbol.asyncDispose]();
  fill(`${mount}/ballast-2`); // what the daemon's own files have left
  const startFull = await startError();
  Deno.removeSync(`${mount}/ballast`);
  Deno.removeSync(`${mount}/ballast-2`);

  const second = await startDaemon(settings);
  const other = await second.connect();
  await other.upload({ name: "new", version: "v1.0.0", module: moduleOf(3 * PAGE) });
  const afterMakingRoom = storedFiles(home);
  // The lock is open to be written, and so its file system cannot become read-only under it; the modules can.
  const modules = `${home}/modules`;
  await run("mount", "--bind", modules, modules);
  await run("mount", "-o", "remount,bind,ro", modules);
  const uploadReadOnly = await refusal(
    second,
    () => other.upload({ name: "newer", version: "v1.0.0", module: ADD_MODULE }),
  );
  const removeReadOnly = await refusal(second, () => other.remove("old"));
  await other.close();
  await second[Symbol.asyncDispose]();
  await run("umount", modules);
  await run("mount", "-o", "remount,ro", mount);
  const startReadOnly = await startError();
  await run("mount", "-o", "remount,rw", mount);

  await using third = await startDaemon(settings);
  await using last = await third.connect();
  const atLast = (await last.list()).map(({ name, latest }) => `${name}@${latest}`);
  const outcome: Outcome = {
    tooLarge,
    uploadFull,
    removeFull,
    startFull,
    afterMakingRoom,
    uploadReadOnly,
    removeReadOnly,
    startReadOnly,
    atLast,
  };
  console.log(JSON.stringify(outcome));
}
