/** One fault in a rule file, with its place for an editor and words for a merchant. */
export interface RuleError {
  readonly file: string;
  /** From 1; 0 where the fault is not in the text (a missing file). */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly didYouMean?: string;
}

/** `money.yaml:7:5: unknown key "asert". Did you mean "assert"?` */
export function ruleErrorText(error: RuleError): string {
  const place = error.line === 0 ? error.file : `${error.file}:${error.line}:${error.column}`;
  return `${place}: ${error.message}${error.didYouMean === undefined ? '' : ` Did you mean "${error.didYouMean}"?`}`;
}

/** Bounds of rule files; a set beyond them is refused as a whole. Bytes, or counts. */
export const RULE_LIMITS = {
  fileBytes: 256 * 1024,
  files: 400,
  rules: 4_000,
  errors: 50,
  conditionCharacters: 500,
  conditionNodes: 100,
  conditionDepth: 12,
  listLength: 50,
} as const;
