import { assertEquals } from "@std/assert";
import { FileChanges } from "../../../gpmd/cli/file_changes.ts";
import { within } from "../../tools/commands.ts";

Deno.test("a file that goes with its directory, and comes again with another, is watched on", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const path = `${root}/target/release/m.wasm`;
  const write = (text: string) => {
    Deno.mkdirSync(`${root}/target/release`, { recursive: true });
    Deno.writeTextFileSync(path, text);
  };
  write("0");
  const changes = new FileChanges(path);
  const events = changes[Symbol.asyncIterator]();
  /** Resolves at an event after which the file has `text`. */
  const seen = async (text: string) => {
    do await within(10_000, "an event", events.next()); while (Deno.readTextFileSync(path) !== text);
  };
  try {
    const removals = [
      () => Deno.removeSync(`${root}/target/release`, { recursive: true }),
      () => Deno.removeSync(`${root}/target`, { recursive: true }),
      () => Deno.renameSync(`${root}/target/release`, `${root}/target/before`),
    ];
    for (const remove of removals) {
      remove();
      write("1");
      await seen("1");
      // In place, and the last event was of the directory that came.
      write("2");
      await seen("2");
    }
    changes.close();
    assertEquals((await events.next()).done, true);
  } finally {
    changes.close();
    Deno.removeSync(root, { recursive: true });
  }
});
