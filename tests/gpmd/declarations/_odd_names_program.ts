/** The names that are declared of a module whose names are no identifiers, for `deno check` and nobody else. */
import type { OddNames } from "./_odd_names.d.ts";

const names: (keyof OddNames)[] = ["a b", '"', "*/", "\u202e", "\n", "ü", "constructor", "new"];
console.log(names);
