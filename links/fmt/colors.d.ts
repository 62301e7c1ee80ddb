// What the project uses of @std/fmt 1; the implementation is npm's deno-std.

export function setColorEnabled(value: boolean): void;
export function bold(str: string): string;
export function dim(str: string): string;
export function italic(str: string): string;
export function underline(str: string): string;
export function red(str: string): string;
export function green(str: string): string;
export function yellow(str: string): string;
export function brightBlue(str: string): string;
export function stripAnsiCode(string: string): string;
