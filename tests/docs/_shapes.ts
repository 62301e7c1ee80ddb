/** The fields of messages: as gmp/messages/ describes them, as a page writes them, and as they were sent. */
import { type Fields, isOptional } from "../../gmp/messages/fields.ts";

/** The fields of a map by name, `?` behind those that may be left out, with those of the map that each is, or its items are. */
export type Shape = { [field: string]: Shape };

/** The shape of a description. */
export function shapeOfFields(fields: Fields): Shape {
  return Object.fromEntries(
    Object.entries(fields).map(([name, kind]) => {
      const inner = kind.fields ?? kind.item?.fields;
      const shape = kind.choices !== undefined
        ? Object.fromEntries(Object.entries(shapeOfFields(kind.choices)).map(([one, of]) => [`${one}?`, of]))
        : inner === undefined
        ? {}
        : shapeOfFields(inner);
      return [isOptional(kind) ? `${name}?` : name, shape];
    }),
  );
}

/**
 * The shape of a cell of a table, such as "`names`: list of strings, `nodes`: list of `{ name, id? }`", or of a text such as
 * `{ name, place: { ticket } }`.
 */
export function shapeOfText(cell: string): Shape {
  // The marks around one alone were taken off; words outside of marks are for people.
  const isBare = /^(\w+\??|\{.*\})$/s.test(cell) && cell !== "empty" && cell !== "below";
  const codes = isBare ? [cell] : Array.from(cell.matchAll(/`([^`]+)`/g), ([, code]) => code!);
  const open: Shape[] = [{}];
  let last = "";
  for (const [token] of codes.join(" ").matchAll(/[{}]|\w+\??/g)) {
    if (token === "{") open.push(last === "" ? open[0]! : open.at(-1)![last]!);
    else if (token === "}") open.pop();
    else open.at(-1)![last = token] = {};
  }
  return open[0]!;
}

/** What is wrong with `value`, as it was sent, by the shape that it should have; nothing when it is undefined. */
export function misfit(value: unknown, shape: Shape, at = ""): string | undefined {
  const one = Array.isArray(value) ? value[0] : value;
  if (one === undefined && Array.isArray(value)) return undefined;
  const isMap = typeof one === "object" && one !== null && !(one instanceof Uint8Array);
  const sent = new Map(isMap ? Object.entries(one) : []);
  for (const [field, inner] of Object.entries(shape)) {
    const name = field.replace("?", "");
    if (!sent.has(name)) {
      if (name === field) return `${at}.${name} is missing`;
      continue;
    }
    const wrong = misfit(sent.get(name), inner, `${at}.${name}`);
    if (wrong !== undefined) return wrong;
    sent.delete(name);
  }
  const [extra] = sent.keys();
  return extra === undefined ? undefined : `${at}.${extra} is not described`;
}
