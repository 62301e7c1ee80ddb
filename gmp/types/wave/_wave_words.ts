import type { WaveNode } from "./wave_node.ts";

/** A word, perhaps with a payload. */
export type Label = WaveNode & { kind: "label" };

/** Whether the label may name a case as it is written. */
export function isCase({ name, escaped }: Label): boolean {
  return escaped || !["some", "none", "ok", "err"].includes(name);
}

/** What a node that is a word of WAVE looks like. */
export function wordOf(node: WaveNode): string | undefined {
  if (node.kind === "boolean") return String(node.value);
  if (node.kind !== "number") return undefined;
  return Number.isNaN(node.value) ? "nan" : node.value === Infinity ? "inf" : undefined;
}
