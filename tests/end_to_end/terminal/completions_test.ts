/** The completions of both commands in the shells themselves: the Tab key at a terminal in bash and zsh, fish's own answer. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ROOT } from "../../tools/commands.ts";
import { Device, enter, terminalTest } from "./_prompt.ts";

/** Whether a shell is there; tells that its test is skipped. */
async function has(shell: string): Promise<boolean> {
  try {
    await new Deno.Command(shell, { args: ["--version"] }).output();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`Skipping the completions of ${shell}: Debian's package ${shell} is not installed`);
    return false;
  }
}

const shells = { bash: await has("bash"), zsh: await has("zsh"), fish: await has("fish") };

/** What is typed, and what the one Tab key makes of it. */
const COMPLETED = [
  ["gvm run ma", "gvm run math"],
  ["gvm run 'math.mu", "gvm run 'math.mul("],
  ["gvm run 'ma", "gvm run 'math"], // a dot may follow
  ["gvm run math@", "gvm run math@v1.0.0"],
  ["gvm run math@v1", "gvm run math@v1.0.0"],
  ["gvm --acc", "gvm --accept="],
  ["gvm --accept=as", "gvm --accept=ask"],
  ["gvm --accept as", "gvm --accept ask"],
  ["gvm exec ./tw", "gvm exec ./two.wasm"],
  ["gvm completions z", "gvm completions zsh"],
  ["gpmd sto", "gpmd sto"], // nothing of that name, and no file
  ["gpmd wasm inf", "gpmd wasm info"],
  ["gpmd wasm info ma", "gpmd wasm info math"],
  ["gpmd wasm info math@", "gpmd wasm info math@v1.0.0"],
  ["gpmd wasm upload ./tw", "gpmd wasm upload ./two.wasm"],
  ["gpmd wasm upload --fi", "gpmd wasm upload --file="],
  ["gpmd wasm upload --file=./tw", "gpmd wasm upload --file=./two.wasm"],
  ["gvm --home ./di", "gvm --home ./directory/"],
] as const;

/** A device with a module, files to complete, and a shell that keeps its settings in `directory`. */
async function prepare(device: Device): Promise<void> {
  const { directory } = device;
  Deno.mkdirSync(join(directory, "directory"));
  Deno.writeTextFileSync(join(directory, "two.wasm"), "");
  Deno.writeTextFileSync(join(directory, "stored"), "");
  const terminal = await device.open();
  await enter(terminal, "gpmd start");
  await enter(terminal, `gpmd wasm upload --name=math --version=v1.0.0 ${ROOT}examples/math/math.wasm`);
}

async function completeInTerminal(
  device: Device,
  start: readonly string[],
  settings: (directory: string) => void,
): Promise<void> {
  settings(device.directory);
  const terminal = await device.open([
    "sh",
    "-c",
    `cd '${device.directory}' && HOME=$PWD exec ${start.join(" ")}`,
  ]);
  for (const [typed, completed] of COMPLETED) {
    await terminal.type(typed);
    await terminal.until(`$: ${typed}`);
    // What is typed behind Tab is shown once the completion is.
    await terminal.press("Tab");
    await terminal.type("#");
    const screen = await terminal.until(/#$/);
    const line = screen.slice(screen.lastIndexOf("$: ") + 3, -1);
    assertEquals(line.trimEnd(), completed);
    await terminal.press("C-u"); // a key as any other: bash misses a Ctrl-C that comes as it draws
    await terminal.until(/\$:$/);
  }
}

terminalTest("the shells complete both commands, on one device", async (t) => {
  await using device = new Device();
  await prepare(device);
  await t.step({
    name: "bash completes both commands",
    ignore: !shells.bash,
    fn: async () => {
      await completeInTerminal(device, ["bash", "--noprofile", "--rcfile", "rc"], (directory) => {
        const settings = 'PS1="$: "\nsource <(gvm completions bash)\nsource <(gpmd completions bash)\n';
        Deno.writeTextFileSync(join(directory, "rc"), settings);
      });
    },
  });
  await t.step({
    name: "zsh completes both commands, whether their scripts are sourced or found",
    ignore: !shells.zsh,
    fn: async () => {
      await completeInTerminal(device, ["zsh", "-i"], (directory) => {
        // gpmd is found in fpath.
        const settings =
          'PS1="$: "\nfpath=($PWD $fpath)\ngpmd completions zsh > _gpmd\nautoload -Uz compinit; compinit -u -d dump\n' +
          "source <(gvm completions zsh)\n";
        Deno.writeTextFileSync(join(directory, ".zshrc"), settings);
      });
    },
  });
  await t.step({
    name: "fish completes both commands",
    ignore: !shells.fish,
    fn: async () => {
      const script = "gvm completions fish | source; gpmd completions fish | source\n" +
        "for line in $argv; echo ': '$line; complete -C $line; end";
      const { stdout, stderr } = await new Deno.Command("fish", {
        args: ["--no-config", "-c", script, ...COMPLETED.map(([typed]) => typed)],
        cwd: device.directory,
        env: { ...device.variables, HOME: device.directory, XDG_CONFIG_HOME: device.directory },
      }).output();
      assertEquals(new TextDecoder().decode(stderr), "");
      const expected = COMPLETED.flatMap(([typed, completed]) => [
        `: ${typed}`,
        ...(completed === typed ? [] : [completed.split(" ").at(-1)!.replace(/^'/, "")]), // fish puts it back
      ]);
      const lines = new TextDecoder().decode(stdout).trim().split("\n");
      assertEquals(lines.map((line) => line.split("\t")[0]), expected);
    },
  });
});
