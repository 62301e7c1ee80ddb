import { assertEquals } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { CHECKOUT, failureOf, optionsOf, PROGRAMS, type SuiteProgram, suitePrograms } from "../_testsuite.ts";
import { runComponent } from "./_component.ts";

/** Programs that fail because of the adapter, which makes them components for WASI 0.2, and why. */
const ADAPTER_FAILS: Readonly<Record<string, string>> = {
  "assemblyscript/args_get-multiple-arguments.wasm": "an assertion of the adapter's args_get",
  "assemblyscript/environ_get-multiple-variables.wasm": "an assertion of the adapter's environ_get",
  "assemblyscript/fd_write-to-invalid-fd.wasm": "it writes no buffers to any descriptor",
  "assemblyscript/proc_exit-failure.wasm": "it exits by success or failure, not with 33",
};

const ADAPT = fromFileUrl(new URL("../fixtures/adapt.mjs", import.meta.url));
const RUN_ADAPT = ["run", "--no-config", "--quiet", "--allow-all", ADAPT];

const canAdapt = CHECKOUT !== undefined && await hasAdapter();
if (CHECKOUT !== undefined && !canAdapt) {
  console.log(
    "Skipping the programs of wasi-testsuite as components: npm's @bytecodealliance/jco cannot be had",
  );
}

Deno.test({
  name: "68 of 72 programs of WebAssembly/wasi-testsuite pass as components, the others fail in the adapter",
  ignore: !canAdapt,
  async fn() {
    const components = await Deno.makeTempDir({ prefix: "ghost-test-" });
    try {
      const programs = [...suitePrograms(CHECKOUT!)];
      const failed: string[] = [];
      for (const directory of new Set(programs.map(({ file }) => dirname(file)))) {
        await adapt(directory, components);
        for (const program of programs.filter(({ file }) => dirname(file) === directory)) {
          const failure = await run(program, join(components, program.name));
          if (failure === undefined) continue;
          failed.push(program.title);
          if (ADAPTER_FAILS[program.title] === undefined) console.error(`${program.title}: ${failure}`);
        }
      }
      assertEquals(failed.sort(), Object.keys(ADAPTER_FAILS));
      assertEquals(programs.length, PROGRAMS);
    } finally {
      await Deno.remove(components, { recursive: true });
    }
  },
});

async function run(program: SuiteProgram, component: string): Promise<string | undefined> {
  try {
    return failureOf(program, await runComponent(Deno.readFileSync(component), optionsOf(program)));
  } catch (error) {
    return String(error);
  }
}

async function adapt(source: string, target: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("deno", { args: [...RUN_ADAPT, source, target] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Whether the packages that `adapt.mjs` needs are there, or can be downloaded. */
async function hasAdapter(): Promise<boolean> {
  return (await new Deno.Command("deno", { args: ["cache", "--no-config", "--quiet", ADAPT] }).output())
    .success;
}
