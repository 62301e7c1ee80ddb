/** How much a line of the log matters. */
export type LogLevel = "info" | "warn" | "error";

/** The fields of an event; those that are `undefined` are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The log line for an event, without its newline: `TIME LEVEL EVENT key=value …`. Values with spaces and the like are
 * JSON strings, so nothing from outside can break a line.
 */
export function formatLine(time: Date, level: LogLevel, event: string, fields: LogFields): string {
  let line = `${time.toISOString()} ${level} ${event}`;
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) line += ` ${key}=${typeof value === "string" ? formatText(value) : value}`;
  }
  return line;
}

/** What a number or a truth is written as; a name may look like one, and is then in quotes. */
const LITERAL = /^(-?\d+(\.\d+)?|true|false)$/;

function formatText(text: string): string {
  if (/^[\w./:@+-]+$/.test(text) && !LITERAL.test(text)) return text;
  // Nothing but ASCII, so that no byte of it means anything to a terminal.
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, escape);
}

/** A line of {@linkcode formatLine} as an object: `time`, `level`, `event`, and the event's fields. */
export function parseLine(line: string): Record<string, unknown> {
  const [, time, level, event, rest = ""] = /^(\d{4}-\S+Z) (info|warn|error) (\S+)(.*)$/.exec(line) ?? [];
  if (event === undefined) return { event: line };
  const fields = Array.from(rest.matchAll(/ (\w+)=("(?:[^"\\]|\\.)*"|\S*)/g), ([, key, value]) => [
    key,
    parseValue(value!),
  ]);
  return { time, level, event, ...Object.fromEntries(fields) };
}

function parseValue(text: string): unknown {
  if (!text.startsWith('"') && !LITERAL.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // 007, which an earlier GPMD wrote without quotes, or what a full disk has left of a line
  }
}
