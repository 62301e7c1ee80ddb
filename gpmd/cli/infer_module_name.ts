/** Name and version from a path such as `build/math-v0.0.1.wasm`; `undefined` when it does not have them. */
export function inferModuleName(path: string): { name: string; version: string } | undefined {
  const base = path.split(/[\\/]/).at(-1)!;
  const match = /^(.+?)-(v\d.*|\d+\.\d.*)\.wasm$/.exec(base);
  return match === null ? undefined : { name: match[1]!, version: match[2]! };
}
