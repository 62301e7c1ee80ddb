// The keeper's process, with a shell in the link's place.
import { assertEquals } from "@std/assert";
import { keeperCommand } from "../../../gpmd/link/link_command.ts";

/** Has a keeper keep what `script` is, in the directory `cwd`; its exit code, and what it has passed on. */
async function keep(script: string, cwd: string): Promise<[number, string]> {
  const { program, args } = keeperCommand("sh");
  const keeper = new Deno.Command(program, { args, cwd, stdin: "piped", stdout: "piped", stderr: "null" })
    .spawn();
  const writer = keeper.stdin.getWriter();
  await writer.write(
    new TextEncoder().encode(JSON.stringify({ program: "sh", args: ["-c", script], line: "{}" })),
  );
  await writer.close();
  const { code, stdout } = await keeper.output();
  return [code, new TextDecoder().decode(stdout)];
}

Deno.test("a link is started again once it has served; what ends before that is told at once, and not tried again", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const ends = (how: string) => keep(`echo x >> starts; ${how}`, cwd);
    assertEquals(await ends("exit 7"), [7, ""]);
    assertEquals(await ends("kill -9 $$"), [137, ""]);
    const report = '{"code":"STORE_FAULT","message":"Cannot"}\n';
    assertEquals(await ends(`echo '${report.trim()}'; exit 3`), [3, report]);
    assertEquals(await Deno.readTextFile(`${cwd}/starts`), "x\nx\nx\n");
    // The second time it ends because GPMD has.
    assertEquals(await keep(`mkdir served || exit 0; echo '{"pid":1}'; exit 1`, cwd), [0, '{"pid":1}\n']);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
