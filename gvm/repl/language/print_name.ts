import { quote } from "../../../gmp/types/quote.ts";
import { isPlainAtPrompt } from "../../../gmp/names.ts";

/** A node's or module's name or a version, in quotes if a dot or a reserved word could be misread. */
export function printName(name: string): string {
  return isPlainAtPrompt(name) ? name : quote(name);
}
