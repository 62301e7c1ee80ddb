import type {
  ComponentSignature,
  Primitive,
  TypeNode,
  TypeReference,
} from "../../gmp/types/component_types.ts";

/** Characters of an example at most: a longer one shows nothing that a shorter one does not. */
const LONGEST_EXAMPLE = 300;

const VALUES: Readonly<Record<Primitive, string>> = {
  bool: "true",
  s8: "1",
  u8: "1",
  s16: "1",
  u16: "1",
  s32: "1",
  u32: "1",
  s64: "1",
  u64: "1",
  f32: "0.5",
  f64: "0.5",
  char: "'a'",
  string: '"text"',
  "error-context": "_",
};

/** Arguments for a function of a component, as they may be typed; `undefined` where that would be too long. */
export function exampleArguments({ types, parameters }: ComponentSignature): string | undefined {
  // Each node once, so that a type that names another many times costs no more than its text.
  const texts: (string | undefined)[] = [];
  const of = (type: TypeReference) => typeof type === "number" ? texts[type] : VALUES[type];
  for (const node of types) {
    const text = exampleOf(node, of, types);
    texts.push(text === undefined || text.length > LONGEST_EXAMPLE ? undefined : text);
  }
  const values = parameters.map(([, type]) => of(type));
  return values.includes(undefined) ? undefined : values.join(", ");
}

function exampleOf(
  node: TypeNode,
  of: (type: TypeReference) => string | undefined,
  types: readonly TypeNode[],
): string | undefined {
  const within = (open: string, parts: readonly (string | undefined)[], close: string) =>
    parts.includes(undefined) ? undefined : `${open}${parts.join(", ")}${close}`;
  const labelled = (name: string, type: TypeReference | null) =>
    type === null ? name : within(`${name}(`, [of(type)], ")");
  switch (node[0]) {
    case "list":
      return within("[", Array(Math.min(node[2] ?? 1, LONGEST_EXAMPLE)).fill(of(node[1])), "]");
    case "tuple":
      return within("(", node[1].map(of), ")");
    case "record": {
      const needed = node[1].filter(([, type]) => typeof type !== "number" || types[type]![0] !== "option");
      if (needed.length === 0) return "{:}";
      return within("{", needed.map(([name, type]) => of(type) && `${name}: ${of(type)}`), "}");
    }
    case "variant": {
      const [name, type] = node[1][0]!;
      return labelled(name, type);
    }
    case "enum":
      return node[1][0];
    case "flags":
      return `{${node[1][0]}}`;
    case "option":
      return labelled("some", node[1]);
    case "result":
      return labelled("ok", node[1]);
    case "map":
      return within("[(", [of(node[1]), of(node[2])], ")]");
    case "own":
    case "borrow":
      return `${node[1]}#1`;
    case "stream":
      return node[1] === null ? undefined : within("[", [of(node[1])], "]");
    case "future":
      return node[1] === null ? undefined : of(node[1]);
  }
}
