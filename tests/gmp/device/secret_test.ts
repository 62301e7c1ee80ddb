import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { readSecret } from "../../../gmp/device/secret.ts";

const failure = async (home: string) => await assertRejects(() => readSecret(home, Deno), GhostError);

Deno.test("the secret is read when it is the owner's alone, and refused otherwise with what helps", async () => {
  const home = await Deno.makeTempDir();
  const path = `${home}/secret`;
  try {
    assertEquals((await failure(home)).code, "GPMD_NOT_RUNNING");
    assertEquals((await failure(`${home}/none`)).code, "GPMD_NOT_RUNNING");
    const secret = crypto.getRandomValues(new Uint8Array(32));
    await Deno.writeFile(path, secret, { mode: 0o600 });
    assertEquals(await readSecret(home, Deno), secret);
    for (const mode of [0o640, 0o604, 0o601]) {
      await Deno.chmod(path, mode);
      const { code, message } = await failure(home);
      assertEquals([code, message.includes(`chmod 600 "${path}"`)], ["STORE_FAULT", true]);
    }
    await Deno.chmod(path, 0o600);
    await Deno.truncate(path, 31);
    assertEquals((await failure(home)).code, "STORE_FAULT");
    assertEquals((await failure(path)).code, "STORE_FAULT"); // a file in the place of the store
    await Deno.rename(path, `${home}/other`);
    await Deno.symlink(`${home}/other`, path);
    assertEquals((await failure(home)).code, "STORE_FAULT");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test({
  name: "the store of another user is refused, also to whoever may read it",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0, // only root can give a directory away
  fn: async () => {
    const home = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${home}/secret`, new Uint8Array(32), { mode: 0o600 });
      await Deno.chown(`${home}/secret`, 4711, null);
      assertEquals((await failure(home)).message.includes("it belongs to user 4711, not to 0"), true);
      await Deno.chown(home, 4711, null);
      const { code, message } = await failure(home);
      assertEquals([code, message], [
        "STORE_FAULT",
        `Cannot use "${home}": it belongs to user 4711, not to 0`,
      ]);
      const commands = [["gpmd/main.ts", "status", "-P=gpmd"], [
        "gvm/main.ts",
        "run",
        "Node.list()",
        "-P=gvm",
      ]];
      for (const [entry, ...words] of commands) {
        const args = ["run", "--quiet", "--no-prompt", words.pop()!, entry!, ...words, "--home", home];
        const cwd = new URL("../../../", import.meta.url);
        const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd }).output();
        const said = new TextDecoder().decode(stderr);
        assertEquals([code, said.includes(`STORE_FAULT: ${message}`)], [1, true], said);
      }
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
