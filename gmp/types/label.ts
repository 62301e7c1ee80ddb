/**
 * A label in kebab case as part of a regular expression: `first-name`, `HTTP-status`, `x1` (component-model, "Import and Export
 * Definitions"). Each character has one way through it, so that no text takes more than one try.
 */
export const LABEL_PATTERN = "(?:[a-z][a-z\\d]*|[A-Z][A-Z\\d]*)" +
  "(?:-(?:\\d+(?:[a-z][a-z\\d]*|[A-Z][A-Z\\d]*)?|[a-z][a-z\\d]*|[A-Z][A-Z\\d]*))*";

const LABEL = new RegExp(`^${LABEL_PATTERN}$`);

/** Whether `text` is a label in kebab case. */
export function isLabel(text: string): boolean {
  return LABEL.test(text);
}
