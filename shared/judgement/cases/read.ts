import { RULE_LIMITS, type RuleError } from '#shared/policy/rule-error.ts';
import { reportIssues } from '#shared/policy/schema-errors.ts';
import { type Path, Source } from '#shared/policy/source.ts';
import { caseFileSchema, caseSchema, type WrittenCase, type WrittenGiven } from './format.ts';

export const CASES_ENDING = '.cases.yaml';

/** A case as it was read: its text is checked, its intents and facts are not yet. */
export interface ReadCase {
  readonly source: Source;
  readonly path: Path;
  readonly file: string;
  readonly line: number;
  /** What all cases of the file share. */
  readonly shared: WrittenGiven | undefined;
  readonly written: WrittenCase;
}

/** All cases of the files that hold cases, in the order of file names; faults beside them, each with its place. */
export function readCases(files: Readonly<Record<string, string>>): {
  readonly cases: readonly ReadCase[];
  readonly sources: readonly Source[];
} {
  const sources = Object.keys(files)
    .filter((name) => name.endsWith(CASES_ENDING))
    .sort()
    .map((name) => new Source(name, files[name] ?? ''));
  return { cases: sources.flatMap(casesOf), sources };
}

function casesOf(source: Source): ReadCase[] {
  if (source.errors.length > 0) return [];
  if ((source.data as { end?: unknown } | null)?.end !== true) {
    source.reportAtEnd('the file does not end with the line "end: true", so it may be half saved');
    return [];
  }
  const outer = caseFileSchema.safeParse(source.data);
  if (!outer.success) {
    reportIssues(source, caseFileSchema, [], outer.error.issues, source.data);
    return [];
  }
  return outer.data.cases.flatMap((data, index) => {
    const path = ['cases', index];
    const parsed = caseSchema.safeParse(data);
    if (!parsed.success) {
      reportIssues(source, caseSchema, path, parsed.error.issues, data);
      return [];
    }
    const { line } = source.position({ path });
    return [{ source, path, file: source.file, line, shared: outer.data.given, written: parsed.data }];
  });
}

export function faultsOf(sources: readonly Source[]): RuleError[] {
  return sources.flatMap((source) => source.errors).slice(0, RULE_LIMITS.errors);
}
