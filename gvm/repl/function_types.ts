import { writeName } from "../../gmp/types/quote.ts";
import { writeExport } from "../../gmp/types/write_export.ts";

/** A function as a node describes it. */
interface DescribedFunction {
  /** Its name; a component's may have parts: `counter.merge`. */
  readonly name: string;
  /** What people read: `add(i32, i32) -> i32`. */
  readonly signature: string;
}

/** What is read behind the name of a function: `(i32, i32) -> i32`. */
export function typesOf(one: DescribedFunction): string {
  return one.signature.slice(isBare(one) ? one.name.length : writeName(one.name).length);
}

/**
 * The name of a function as the prompt takes it behind that of its module, of which the first `from` characters are there
 * already: `add`, `counter.merge`, `"odd name"`.
 */
export function writtenName(one: DescribedFunction, from = 0): string {
  const name = one.name.slice(from);
  return isBare(one) ? writeExport(name) : writeName(name);
}

/** Whether its name is not quoted: dots then separate the parts of a component's name. */
function isBare({ name, signature }: DescribedFunction): boolean {
  return signature.startsWith(`${name}(`);
}
