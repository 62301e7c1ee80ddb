import type { ModuleDescription } from "./module_description.ts";

/** A compiler whose modules need JavaScript of its own, or have types that are not in the file. */
type Toolchain = "AssemblyScript" | "wasm-bindgen" | "Emscripten" | "Go";

/** The names of a module's imports, as `module.name`, and of its exports. */
interface ModuleNames {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

interface Signs {
  readonly imports?: RegExp;
  readonly exports?: RegExp;
}

/** How the modules of each are told: one import or export suffices. */
const SIGNS: readonly (readonly [Toolchain, Signs])[] = [
  ["wasm-bindgen", {
    imports: /^(?:wbg\.|__wbindgen_placeholder__\.|__wbindgen_externref_xform__\.)|\.__wb(?:g|indgen)_/,
    exports: /^__wb(?:g|indgen)_/,
  }],
  ["Emscripten", {
    // Optimized, its names are `a.a`, `a.b` and so on.
    imports: /^env\._?(?:emscripten_|invoke_[a-z]+$|__syscall_|__cxa_throw$|abort_js$)|^a\.[a-zA-Z]$/,
    exports: /^_?emscripten_/,
  }],
  ["Go", { imports: /^(?:go|gojs)\./ }],
  ["AssemblyScript", { exports: /^__(?:new|pin|unpin|collect|rtti_base)$/ }],
];

/** What made a module, where that decides what can be done with it. */
export function toolchainOf({ imports, exports }: ModuleNames): Toolchain | undefined {
  const found = SIGNS.find(([, signs]) =>
    imports.some((name) => signs.imports?.test(name)) || exports.some((name) => signs.exports?.test(name))
  );
  return found?.[0];
}

const SENTENCES: Readonly<Record<Toolchain, string>> = {
  AssemblyScript:
    "AssemblyScript leaves the types of strings and arrays out of the file, so its functions take numbers " +
    "alone; for text and bytes compile it as an Extism plug-in (@extism/as-pdk)",
  "wasm-bindgen":
    "wasm-bindgen leaves its types and half of its code in JavaScript; compile for wasm32-wasip2 with " +
    "wit-bindgen instead (cargo build --target wasm32-wasip2), or for wasm32-wasip1 if it takes numbers alone",
  Emscripten:
    "Emscripten leaves half of its code in JavaScript; compile a program with clang --target=wasm32-wasi (or " +
    "emcc -sSTANDALONE_WASM), and functions that take text as a component (clang with wit-bindgen)",
  Go:
    "Go for js/wasm needs its wasm_exec.js; compile with GOOS=wasip1 GOARCH=wasm, or with tinygo -target=wasip2",
};

/** What to compile with instead, or with besides, as a part of a sentence. */
export function toolchainAdvice(toolchain: Toolchain): string {
  return SENTENCES[toolchain];
}

/** {@linkcode toolchainAdvice} for what a peer says made a module; `undefined` if that is none of these. */
export function adviceFor(toolchain: string | undefined): string | undefined {
  return toolchain !== undefined && Object.hasOwn(SENTENCES, toolchain)
    ? SENTENCES[toolchain as Toolchain]
    : undefined;
}

/** What made a module, from its description. */
export function toolchainOfModule(
  { imports, exports }: Pick<ModuleDescription, "imports" | "exports">,
): Toolchain | undefined {
  return toolchainOf({
    imports: imports.map(({ module, name }) => `${module}.${name}`),
    exports: exports.map(({ name }) => name),
  });
}
