import type { CaseResult } from '#shared/judgement/cases/report.ts';
import { runCases } from '#shared/judgement/cases/run-cases.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { readCaseFiles, SHARED } from '#shared/runtime/rule-files.ts';
import { type Command, EXIT, RULES_EXIT } from '../command.ts';
import type { Output } from '../output.ts';
import { type Fault, type FolderSet, pathIn, readRuleFolder, ruleFolder, shownFolder } from '../rule-folder.ts';
import { plural, sayFault } from '../source-lines.ts';

/** What the cases of all sets came to. */
interface Tested {
  readonly results: readonly CaseResult[];
  readonly faults: readonly Fault[];
  /** Whether the rules load; where they do, the faults are those of cases. */
  readonly loads: boolean;
  readonly rules: number;
  readonly unnamed: readonly string[];
}

export const rulesTest: Command = {
  name: 'rules test',
  operands: '[FOLDER]',
  about: 'Runs the cases beside the rules (*.cases.yaml) and shows each that comes out otherwise than it says.',
  takes: [0, 1],
  asksApi: false,
  options: {
    only: {
      type: 'string',
      value: 'PATTERN',
      about: 'cases whose file, name, number or deciding rule holds this text',
    },
  },
  examples: ['rules test', 'rules test ./my-rules', 'rules test --only margin-floor', 'rules test --json'],
  exits: `${RULES_EXIT.fine} every case comes out as it says, ${EXIT.usage} wrong usage, ${RULES_EXIT.unloadable} rules or cases do not load, ${RULES_EXIT.found} a case fails.`,
  async run({ operands, options, output }) {
    const folder = ruleFolder(operands[0]);
    const { sets, faults } = await readRuleFolder(folder);
    const only = typeof options.only === 'string' ? options.only : undefined;
    const nothing: Tested = { results: [], faults, loads: false, rules: 0, unnamed: [] };
    const tested = faults.length > 0 ? nothing : narrowed(await testAll(sets, folder), only);
    const chosen = tested.results.filter((result) => matches(result, only));
    const failed = chosen.filter((result) => !result.passed);
    for (const result of failed) sayFailure(result, output);
    sayFaults(tested, shownFolder(folder), output);
    sayTotal(chosen, failed, tested, only, shownFolder(folder), output);
    for (const fault of tested.faults) output.result({ fault });
    for (const result of failed) output.result(result);
    output.result({
      passed: chosen.length - failed.length,
      failed: failed.length,
      cases: chosen.length,
      rules: tested.rules,
    });
    if (tested.faults.length > 0) return RULES_EXIT.unloadable;
    return failed.length > 0 ? RULES_EXIT.found : RULES_EXIT.fine;
  },
};

/** The shared cases are of the shared rules; a store with files of its own has cases of its own. */
async function testAll(sets: readonly FolderSet[], folder: string): Promise<Tested> {
  const results: CaseResult[] = [];
  const faults: Fault[] = [];
  const unnamed: string[] = [];
  let rules = 0;
  for (const { store, files } of sets) {
    const read = await readCaseFiles(folder, store ?? SHARED);
    faults.push(...read.errors);
    const report = runCases({ ...files, ...read.files });
    for (const error of report.errors) {
      const text = (read.files[error.file] ?? files[error.file])?.split(/\r?\n/)[error.line - 1];
      faults.push({ ...error, file: pathIn(folder, store, error.file), ...(text === undefined ? {} : { text }) });
    }
    results.push(...report.results.map((result) => ({ ...result, file: pathIn(folder, store, result.file) })));
    // A store's cases are about what differs there; its other rules have theirs beside the shared files.
    if (store === undefined || sets.length === 1) {
      rules += report.rules;
      unnamed.push(...report.unnamed);
    }
  }
  return { results, faults, loads: true, rules, unnamed };
}

/**
 * Who asks for some cases is told of faults in the files that hold such cases, or are named so; what else is at fault is
 * told when all are run. Where nothing matches, the case that is meant may be the one at fault.
 */
function narrowed(tested: Tested, only: string | undefined): Tested {
  const files = new Set(tested.results.filter((result) => matches(result, only)).map((result) => result.file));
  if (only === undefined || files.size === 0) return tested;
  const named = (file: string) => file.toLowerCase().includes(only.toLowerCase());
  return { ...tested, faults: tested.faults.filter(({ file }) => files.has(file) || named(file)) };
}

function matches({ file, name, number, deciders }: CaseResult, only: string | undefined): boolean {
  if (only === undefined) return true;
  return [file, name, number, ...deciders].some((text) => text.toLowerCase().includes(only.toLowerCase()));
}

function sayFailure({ file, line: at, name, number, differences }: CaseResult, output: Output): void {
  const whichOne = number === '' ? '' : ` (${line(number, 40)})`;
  output.say(`${output.style('red', 'FAILS')}  ${file}:${at}  ${line(name, 300)}${whichOne}`);
  for (const { about, expected, got } of differences) {
    output.say(`  ${line(about, 200)}`);
    output.say(`    expected  ${line(expected, 500)}`);
    output.say(`    got       ${line(got, 500)}`);
  }
  output.say();
}

/** A fault of the rules means that nothing was tested, one of a case only that this case was not. */
function sayFaults({ faults, loads }: Tested, folder: string, output: Output): void {
  for (const fault of faults) sayFault(fault, output);
  if (faults.length === 0) return;
  output.say();
  const count = plural(faults.length, 'fault');
  output.say(
    loads ? `${count} in the cases: what is at fault was not run.` : `The rules in ${folder} do not load: ${count}.`,
  );
}

function sayTotal(
  chosen: readonly CaseResult[],
  failed: readonly CaseResult[],
  { rules, unnamed, faults, loads }: Tested,
  only: string | undefined,
  folder: string,
  output: Output,
): void {
  if (!loads) return;
  if (chosen.length === 0) {
    const none = faults.length > 0 ? 'No case was run' : `There are no cases in ${folder}`;
    output.say(only === undefined ? `${none}.` : `No case in ${folder} matches "${line(only, 80)}".`);
    return;
  }
  output.say(`${plural(chosen.length, 'case')}: ${chosen.length - failed.length} passed, ${failed.length} failed`);
  if (only !== undefined || faults.length > 0) return;
  const rest = unnamed.length > UNNAMED_SHOWN ? ` and ${unnamed.length - UNNAMED_SHOWN} more` : '';
  const names = unnamed.slice(0, UNNAMED_SHOWN).join(', ');
  output.say(
    `Cases name ${plural(rules, 'rule')} as the one that decides${names === '' ? '' : `; none names ${names}${rest}`}`,
  );
}

/** Of the rules that no case names so many are listed: with few cases they are nearly all. */
const UNNAMED_SHOWN = 5;
