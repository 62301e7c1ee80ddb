/**
 * The name of a field or flag in JavaScript, from its label in WIT: `email-address` is `emailAddress`, `HTTP-status` is
 * `httpStatus`, as in jco.
 */
export function camelCase(label: string): string {
  const [first = "", ...others] = label.toLowerCase().split("-");
  return first + others.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}
