import { assertEquals, assertRejects } from "@std/assert";
import { answering, request, upload } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { SessionFiles } from "../../../gvm/executor/session_files.ts";
import { Quota } from "../../../gvm/wasi/mod.ts";
import { withChannels } from "../../gmp/_wire.ts";
import { Host, ROOT } from "../wasi/_host.ts";

Deno.test("a large file with many names is not sent once for each", async () => {
  const files = new SessionFiles(new Quota({ bytes: 1000 }), () => undefined);
  await withChannels({}, { handlers: answering(files.handlers) }, async (caller) => {
    const loading = upload(caller, "files.load", { name: "d" });
    loading.send(new Uint8Array(), false);
    await loading.reply;
    const host = new Host({ preopens: files.preopens(["d"]) });
    host.create("large", "x".repeat(900));
    const link = (name: string) =>
      host.ok("path_link", ROOT, 0, ...host.put("large"), ROOT, ...host.put(name));
    const changes = async () => {
      let bytes = 0;
      const data = (chunk: Uint8Array) => void (bytes += chunk.length);
      await request(caller, "files.changes", { name: "d" }, { data });
      return bytes;
    };
    link("second");
    assertEquals(await changes() > 1800, true);
    link("third");
    assertEquals((await assertRejects(changes, GhostError)).code, "PAYLOAD_TOO_LARGE");
  });
});
