import type { ExternalName } from "./component_description.ts";
import type { Extern, FunctionNode, Resource, ValueType } from "./resolved_types.ts";
import { isLabel, LABEL_PATTERN } from "../../types/label.ts";
import { showName } from "../../types/quote.ts";
import type { Validation } from "./_validation.ts";

// The lexical rules of component-model, "Import and Export Definitions".
const WORDS_TEXT = "[a-z][a-z\\d]*(?:-[a-z\\d]+)*";
const ANNOTATED = new RegExp(
  `^\\[(constructor|method|static)\\](${LABEL_PATTERN})(?:\\.(${LABEL_PATTERN}))?$`,
);
const INTERFACE = new RegExp(`^${WORDS_TEXT}:${WORDS_TEXT}/${LABEL_PATTERN}(?:@(.*))?$`);
const CANONICAL_VERSION = /^(?:[1-9]\d*|0\.[1-9]\d*|0\.0\.\d+)$/;
const NUMBER = "(?:0|[1-9]\\d*)";
const PRERELEASE = `(?:${NUMBER}|\\d*[a-zA-Z-][\\da-zA-Z-]*)`;
const SEMANTIC_VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE}(?:\\.${PRERELEASE})*)?(?:\\+[\\da-zA-Z-]+(?:\\.[\\da-zA-Z-]+)*)?$`,
);

/** Longest name, as in wasmtime: regular expressions and errors stay cheap. */
const MAX_NAME = 100_000;

/** Fails unless `label` is in kebab case; `what` names what has it in errors. */
function checkLabel(validation: Validation, label: string, what: string): void {
  if (label.length > MAX_NAME || !isLabel(label)) {
    validation.fail(`the name ${showName(label)} of a ${what} is not in kebab case, such as first-name`);
  }
}

/** Fails unless all labels are in kebab case and differ by more than the case of their letters. */
export function checkLabels(validation: Validation, labels: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const label of labels) {
    checkLabel(validation, label, what);
    const key = label.toLowerCase();
    if (seen.has(key)) validation.fail(`the name ${showName(label)} of a ${what} is there twice`);
    seen.add(key);
  }
}

/** The names of one scope's imports, or of its exports, and the resources among them. */
export class ExternNames {
  readonly #validation: Validation;
  readonly #what: "import" | "export";
  readonly #taken = new Set<string>();
  readonly #resources = new Map<string, Resource>();

  constructor(validation: Validation, what: "import" | "export") {
    this.#validation = validation;
    this.#what = what;
  }

  /**
   * Adds a name, or fails if it is malformed, taken, or not a name for `extern`. Only if `mayName` may a resource be the one of later
   * names of methods.
   */
  add(name: ExternalName, extern: Extern, mayName = true): void {
    const text = this.#bounded(name.name);
    const [, annotation, resource, method] = (text.startsWith("[") ? ANNOTATED.exec(text) : null) ?? [];
    const isAnnotated = annotation !== undefined && (method === undefined) === (annotation === "constructor");
    const isPlain = isAnnotated || isLabel(text);
    if (!isPlain) this.#checkInterface(name.name, name.versionSuffix);
    else if (name.versionSuffix !== undefined) this.#fail(name.name, "has a version suffix and no version");
    this.#checkImplements(name, extern, isPlain && !isAnnotated);
    this.#takeKey(name.name, uniqueKey(name.name, annotation, resource, method));
    if (isAnnotated) this.#checkAnnotated(name.name, annotation, resource!, extern);
    if (mayName && extern.sort === "type" && typeof extern.type !== "string") {
      if (extern.type.kind === "resource") this.#resources.set(name.name, extern.type.id);
    }
  }

  #fail(name: string, what: string): never {
    this.#validation.fail(`the ${this.#what} ${showName(name)} ${what}`);
  }

  #bounded(name: string): string {
    if (name.length > MAX_NAME) this.#fail(name, `has a name of over ${MAX_NAME} characters`);
    return name;
  }

  #checkInterface(name: string, suffix: string | undefined): void {
    const match = INTERFACE.exec(name);
    if (match === null) {
      this.#fail(
        name,
        "has neither a name in kebab case nor one of the form namespace:package/interface@1.0.0",
      );
    }
    const version = match[1];
    const isCanonical = version !== undefined && CANONICAL_VERSION.test(version);
    if (suffix !== undefined) {
      if (!isCanonical || !SEMANTIC_VERSION.test(version + suffix)) {
        this.#fail(name, `has no version that ${showName(suffix)} completes`);
      }
    } else if (version !== undefined && !isCanonical && !SEMANTIC_VERSION.test(version)) {
      this.#fail(name, "has a version that is not of the form 1.2.3");
    }
  }

  #checkImplements(name: ExternalName, extern: Extern, isUnannotated: boolean): void {
    if (name.implements === undefined) return;
    if (extern.sort !== "instance") this.#fail(name.name, "is no instance and cannot implement an interface");
    if (!isUnannotated) this.#fail(name.name, "has no plain name and cannot implement an interface");
    this.#checkInterface(this.#bounded(name.implements), undefined);
  }

  #takeKey(name: string, key: string): void {
    if (this.#taken.has(key)) this.#fail(name, "has a name that is taken");
    this.#taken.add(key);
  }

  #checkAnnotated(name: string, annotation: string, resource: string, extern: Extern): void {
    if (extern.sort !== "func") this.#fail(name, "is no function");
    const id = this.#resources.get(resource);
    if (id === undefined) {
      this.#fail(name, `comes after no ${this.#what} of a resource ${showName(resource)}`);
    }
    if (annotation === "constructor" && constructed(extern.type) !== id) {
      this.#fail(name, `does not return own<${resource}>, nor a result of it`);
    }
    if (annotation === "method" && receiver(extern.type) !== id) {
      this.#fail(name, `does not have the first parameter self: borrow<${resource}>`);
    }
  }
}

/** What must be unique about a name (component-model, "Name Uniqueness"). */
function uniqueKey(name: string, annotation?: string, resource?: string, method?: string): string {
  if (annotation === undefined || annotation === "constructor") return name.toLowerCase();
  const [first, second] = [resource!.toLowerCase(), method!.toLowerCase()];
  return first === second ? first : `${first}.${second}`;
}

/** The resource that a constructor makes. */
function constructed({ result }: FunctionNode): Resource | undefined {
  return handled("own", isResult(result) ? result.ok : result);
}

function isResult(type: ValueType | null): type is Extract<ValueType, { readonly kind: "result" }> {
  return type !== null && typeof type !== "string" && type.kind === "result";
}

/** The resource of which a method is. */
function receiver({ parameters: [first] }: FunctionNode): Resource | undefined {
  return first?.[0] === "self" ? handled("borrow", first[1]) : undefined;
}

function handled(kind: "own" | "borrow", type: ValueType | null): Resource | undefined {
  return type !== null && typeof type !== "string" && type.kind === kind ? type.resource.id : undefined;
}
