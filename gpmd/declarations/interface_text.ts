/** A part of an interface in TypeScript, with what its docstring says. */
export interface Member {
  /** Its docstring, if it has one. */
  readonly docs?: string;
  /** The declaration, with its semicolon. */
  readonly text: string;
}

/** An interface of these members. */
export function declareInterface(
  docs: string,
  name: string,
  members: readonly Member[],
  base?: string,
): string {
  const lines = members.flatMap((
    { docs, text },
  ) => [...docs === undefined ? [] : [`  ${docstring(docs)}`], `  ${text}`]);
  const head = `export interface ${name}${base === undefined ? "" : ` extends ${base}`}`;
  return `${docstring(docs)}\n${head} {${lines.map((line) => `\n${line}`).join("")}${
    lines.length > 0 ? "\n" : ""
  }}`;
}

/** Text that came from a file, in a comment that it cannot end. */
function docstring(text: string): string {
  return `/** ${text.replaceAll("*/", "*\u200b/").replaceAll(/\p{Cc}+/gu, " ")} */`;
}
