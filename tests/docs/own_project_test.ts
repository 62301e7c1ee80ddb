/** docs/library.md, "From your own project": what it says works in a directory outside of the checkout. */
import { assertEquals, assertMatch } from "@std/assert";
import { ROOT } from "../tools/commands.ts";
import { Network } from "../tools/network.ts";

const PROGRAM = `import { GhostNode } from "@ghost/network";

await using node = await GhostNode.start({ name: "own" });
console.log(node);
console.log(await node.call("math.sub", [70, 2]));
`;

/** The configuration that the page shows. */
function configuration(): { imports: Record<string, string>; links?: string[] } {
  const page = Deno.readTextFileSync(`${ROOT}docs/library.md`);
  const section = page.slice(page.indexOf("## From your own project"));
  return JSON.parse(/```json\n([^]*?)```/.exec(section)![1]!);
}

Deno.test("a program outside of the checkout uses the library as library.md says, with its permissions", async (t) => {
  await using network = await Network.start();
  const { home, gmpPort, commandPort } = network.daemon.settings;
  const env = {
    NO_COLOR: "1",
    GHOST_HOME: home,
    GHOST_GMP_PORT: `${gmpPort}`,
    GHOST_COMMAND_PORT: `${commandPort}`,
  };
  const own = configuration();
  // Where the tests run with checkouts of JSR's packages, so does the program.
  const { links = [] } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const ways = {
    "by its address on JSR, which a link leads to the checkout": { ...own, links: [ROOT, ...links] },
    "by its file": { ...own, imports: { "@ghost/network": `${ROOT}mod.ts` }, links },
  };
  for (const [way, config] of Object.entries(ways)) {
    await t.step(way, async () => {
      const directory = await Deno.makeTempDir({ prefix: "ghost-own-" });
      try {
        Deno.writeTextFileSync(`${directory}/deno.json`, JSON.stringify(config));
        Deno.writeTextFileSync(`${directory}/main.ts`, PROGRAM);
        const { code, stdout, stderr } = await new Deno.Command("deno", {
          args: ["run", "--quiet", "--no-prompt", "-P=ghost", "main.ts"],
          cwd: directory,
          env,
        }).output();
        const decoder = new TextDecoder();
        assertEquals([code, decoder.decode(stderr)], [0, ""]);
        assertMatch(decoder.decode(stdout), /^GhostNode \{\s+name: "own",[^]*connected: \[\]\s+\}\n68\n$/);
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    });
  }
});
