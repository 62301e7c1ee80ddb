// Scripts of WebAssembly's official test suites (the reference interpreter's WAST), cut into what they ask for.

/** A form in parentheses, or a word or string. */
export interface Form {
  /** As it is in the script. */
  readonly text: string;
  /** What is in the parentheses. */
  readonly items?: readonly Form[];
  /** The line on which it starts. */
  readonly line: number;
}

const TOKEN = /\s+|;;[^\n]*|\(;[^]*?;\)|"(?:[^"\\]|\\[^])*"|[()]|[^\s()"]+/y;

/** The forms of a script, in order. */
export function parseForms(script: string): Form[] {
  const outer: Form[] = [];
  const open: { start: number; line: number; items: Form[] }[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  for (let at = 0; at < script.length; at = TOKEN.lastIndex) {
    const token = TOKEN.exec(script)?.[0];
    if (token === undefined) throw new Error(`line ${line}: ${JSON.stringify(script.slice(at, at + 20))}`);
    const items = open.at(-1)?.items ?? outer;
    if (token === "(") open.push({ start: at, line, items: [] });
    else if (token === ")") {
      const form = open.pop();
      if (form === undefined) throw new Error(`line ${line}: a parenthesis closes nothing`);
      const parent = open.at(-1)?.items ?? outer;
      parent.push({ text: script.slice(form.start, TOKEN.lastIndex), items: form.items, line: form.line });
    } else if (!/^(?:\s|;;|\(;)/.test(token)) items.push({ text: token, line });
    line += token.split("\n").length - 1;
  }
  return outer;
}

/** The first word of a form. */
export function headOf(form: Form): string {
  return form.items?.[0]?.text ?? "";
}

/** The bytes of a string of the text format, in its quotes. */
function stringBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  const escapes: Record<string, string> = { t: "\t", n: "\n", r: "\r", '"': '"', "'": "'", "\\": "\\" };
  for (
    const [part, hex, code, letter] of text.slice(1, -1).matchAll(
      /\\(?:([\da-fA-F]{2})|u\{([\da-fA-F]+)\}|([^]))|[^\\]+/g,
    )
  ) {
    if (hex !== undefined) bytes.push(parseInt(hex, 16));
    else {
      const character = code !== undefined
        ? String.fromCodePoint(parseInt(code, 16))
        : escapes[letter!] ?? part;
      bytes.push(...new TextEncoder().encode(character));
    }
  }
  return Uint8Array.from(bytes);
}

/** Makes a binary of text. @throws if the text is malformed. */
export type Assemble = (text: string) => Promise<Uint8Array<ArrayBuffer>>;

/** The assembler of wasm-tools, as jco has it; npm fetches it when it is used first. */
export async function loadAssembler(): Promise<Assemble> {
  const parse = await assemblerOf("0.15.0");
  return async (text) => {
    try {
      return await parse(text);
    } catch (error) {
      // What the newest refuses, since it was taken out of the specification, an older one knows.
      if (!/is no longer supported|to accept the legacy syntax/.test(String(error))) throw error;
      return await (await assemblerOf("0.14.0"))(text);
    }
  };
}

async function assemblerOf(version: string): Promise<Assemble> {
  const { parse } = await import(`npm:@bytecodealliance/jco-transpile@${version}/wasm-tools`);
  await parse("(component)"); // it opens what it needs with its first use
  return parse;
}

/** The binary of a `component` or `module` form of a script: in text, quoted, or as bytes. */
export async function binaryOf(form: Form, assemble: Assemble): Promise<Uint8Array<ArrayBuffer>> {
  const [kind, ...rest] = form.items!;
  const words = rest.filter(({ text, items }) => items === undefined && !text.startsWith('"'));
  const strings = rest.filter(({ text }) => text.startsWith('"'));
  if (words.some(({ text }) => text === "binary")) {
    return Uint8Array.from(strings.flatMap(({ text }) => [...stringBytes(text)]));
  }
  if (words.some(({ text }) => text === "quote")) {
    const inner = strings.map(({ text }) => new TextDecoder().decode(stringBytes(text))).join("\n");
    return await assemble(`(${kind!.text} ${inner})`);
  }
  return await assemble(form.text.replace(/^\(\s*component\s+definition\b/, "(component"));
}
