import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Outcome as DiskOutcome, Refusal } from "../_full_disk.ts";
import { ADD_MODULE, temporaryHome } from "../_modules.ts";
import type { Outcome } from "../_sandboxed.ts";
import { canMount } from "../../tools/mounts.ts";

function script(name: string): string {
  return new URL(name, import.meta.url).pathname;
}

/** What the process prints as JSON; its errors show when it fails. */
async function outcomeOf(command: string, args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("the store works with no permission but to its own directory, and with that alone", async () => {
  using place = temporaryHome();
  const { home } = place;
  const outside = `${home}-outside`;
  Deno.writeTextFileSync(outside, "precious");
  const flags = ["--no-prompt", `--allow-read=${home}`, `--allow-write=${home}`];
  const outcome = await outcomeOf(Deno.execPath(), [
    "run",
    ...flags,
    script("../_sandboxed.ts"),
    home,
    outside,
  ]);
  const expected: Outcome = {
    secretSize: 32,
    unchanged: [false, true],
    stored: ADD_MODULE.length,
    exports: ["add"],
    removed: ["v2.0.0"],
    reopened: ["math@v1.0.0"],
    attempts: {
      read: "NotCapable",
      write: "NotCapable",
      rename: "NotCapable",
      link: "NotCapable",
      symlink: "NotCapable",
      list: "NotCapable",
    },
  };
  assertEquals(outcome, expected);
  assertEquals(Deno.readTextFileSync(outside), "precious");
});

Deno.test({
  name: "a full or read-only disk is named, and what was stored before stays",
  ignore: !canMount(),
  fn: async () => {
    using place = temporaryHome();
    const mount = place.home;
    Deno.mkdirSync(mount);
    const outcome = await outcomeOf("unshare", [
      ...["-rm", "sh", "-c", 'mount -t tmpfs -o size=256k tmpfs "$1" && exec "$0" run -A "$2" "$1"'],
      ...[Deno.execPath(), mount, script("../_full_disk.ts")],
    ]) as DiskOutcome;

    const check = (refusal: Refusal, reason: string, message: string, files: string[]) => {
      assertEquals([refusal.code, refusal.reason, refusal.intact], ["STORE_FAULT", reason, true]);
      assertEquals(refusal.message, message);
      assertEquals(refusal.files, ["ghost.modules.json", ...files]);
    };
    const full = 'Cannot upload module "new" v1.0.0: the disk is full';
    check(outcome.tooLarge, "ENOSPC", full, ["old-v1.0.0.wasm"]);
    check(outcome.noRoomForIndex, "ENOSPC", full, ["old-v1.0.0.wasm"]);
    assertEquals(outcome.afterMakingRoom, ["ghost.modules.json", "new-v1.0.0.wasm", "old-v1.0.0.wasm"]);
    const both = ["new-v1.0.0.wasm", "old-v1.0.0.wasm"];
    check(
      outcome.uploadReadOnly,
      "EROFS",
      'Cannot upload module "newer" v1.0.0: the disk is read-only',
      both,
    );
    check(outcome.removeReadOnly, "EROFS", 'Cannot remove module "old": the disk is read-only', both);
    assertStringIncludes(outcome.openReadOnly, "the disk is read-only");
  },
});
