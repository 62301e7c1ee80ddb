import { quote, showName, writeName } from "./quote.ts";

/** What a component calls a function, outside of its interface: `counter.merge`, `say-hello`. */
const LABELS = /^[A-Za-z][A-Za-z\d]*(?:[-.][A-Za-z\d]+)*$/;
/** The same with its interface in front: `ghost:demo/greeter@1.0.0.counter.merge`. */
const IN_INTERFACE = /^([^"\s]+\/[^"\s.@]+(?:@\d+\.\d+\.\d+(?:-[\w.-]+)?)?)\.([A-Za-z][A-Za-z\d.-]*)$/;

/** The name of an exported function as the prompt takes it behind a module's: `add`, `counter.merge`, `"odd name"`. */
export function writeExport(name: string): string {
  if (LABELS.test(name)) return name;
  const [, whole, label] = IN_INTERFACE.exec(name) ?? [];
  return whole !== undefined && label !== undefined && LABELS.test(label)
    ? `${quote(whole)}.${label}`
    : writeName(name);
}

/** {@linkcode writeExport} for a message, which cuts a long name. */
export function showExport(name: string): string {
  const shown = showName(name);
  return shown.endsWith("…") ? shown : writeExport(name);
}
