// Makes a component of a core module: `build.mjs MODULE WIT COMPONENT`. The functions of MODULE are those of WIT's world.
import { componentEmbed, componentNew } from "npm:@bytecodealliance/jco-transpile@0.15.0/wasm-tools";

const [module, wit, component] = Deno.args;
const embedded = await componentEmbed({
  binary: await Deno.readFile(module),
  witSource: await Deno.readTextFile(wit),
});
await Deno.writeFile(component, await componentNew(embedded));
