/** A function that a component exports, as far as its name goes. */
export interface NamedFunction {
  /** The name of the interface that it belongs to, such as `"ghost:demo/greeter@1.0.0"`; `undefined` for the world. */
  readonly interface: string | undefined;
  /** Its name there: `"greet"`, `"[method]counter.next"`. */
  readonly name: string;
}

/** A function's name without what it is of its resource: `counter` for `[constructor]counter`. */
export function labelOf(name: string): string {
  return name.replace(/^\[[^\]]*\]/, "");
}

/** The last part of an interface's name: `greeter` of `ghost:demo/greeter@1.0.0`. */
function shortInterfaceName(name: string): string {
  const [path = ""] = name.split("@");
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Every name by which a function may be called, if no other has it, too. */
export function namesOf({ interface: whole, name }: NamedFunction): ReadonlySet<string> {
  const label = labelOf(name);
  if (whole === undefined) return new Set([name, label]);
  return new Set([
    name,
    label,
    `${shortInterfaceName(whole)}.${label}`,
    `${whole}.${label}`,
    `${whole}#${label}`,
    `${whole}#${name}`,
  ]);
}

/** The shortest name of each function by which it alone is called. */
export function namesToCall(functions: readonly NamedFunction[]): string[] {
  const owners = new Map<string, number>();
  for (const one of functions) {
    for (const name of namesOf(one)) owners.set(name, (owners.get(name) ?? 0) + 1);
  }
  return functions.map(({ interface: whole, name }) => {
    const label = labelOf(name);
    if (whole === undefined) return label;
    return [label, `${shortInterfaceName(whole)}.${label}`].find((name) => owners.get(name) === 1) ??
      `${whole}.${label}`;
  });
}
