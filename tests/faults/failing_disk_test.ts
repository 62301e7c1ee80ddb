import { assertEquals } from "@std/assert";
import type { Outcome } from "./_failing_disk.ts";
import { canMount } from "../tools/mounts.ts";

const SCRIPT = new URL("./_failing_disk.ts", import.meta.url).pathname;

Deno.test({
  name: `a daemon whose disk is full or read-only says so and goes on${canMount() ? "" : " (no mounts)"}`,
  ignore: !canMount(),
  fn: async () => {
    const mount = await Deno.makeTempDir({ prefix: "ghost-" });
    try {
      const { code, stdout, stderr } = await new Deno.Command("unshare", {
        args: [
          ...[
            "-rm",
            "sh",
            "-c",
            'mount -t tmpfs -o size=512k tmpfs "$1" && exec deno run -A --no-check "$0" "$1"',
          ],
          ...[SCRIPT, mount],
        ],
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      const old = ["ghost.modules.json", "old-v1.0.0.wasm"];
      const both = ["ghost.modules.json", "new-v1.0.0.wasm", "old-v1.0.0.wasm"];
      const full = { code: "STORE_FAULT", reason: "ENOSPC", files: old, serves: true };
      const readOnly = { code: "STORE_FAULT", reason: "EROFS", files: both, serves: true };
      const expected: Outcome = {
        tooLarge: full,
        uploadFull: full,
        removeFull: full,
        startFull: 'STORE_FAULT Cannot lock the store "/home": the disk is full',
        afterMakingRoom: both,
        uploadReadOnly: readOnly,
        removeReadOnly: readOnly,
        startReadOnly: 'STORE_FAULT Cannot open the store "/home": the disk is read-only',
        atLast: ["new@v1.0.0", "old@v1.0.0"],
      };
      assertEquals(JSON.parse(new TextDecoder().decode(stdout)), expected);
    } finally {
      await Deno.remove(mount);
    }
  },
});
