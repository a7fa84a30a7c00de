import { analyse } from '#shared/policy/analysis/analyse.ts';
import type { StaticFinding } from '#shared/policy/analysis/finding.ts';
import { type Command, EXIT, RULES_EXIT } from '../command.ts';
import type { Output } from '../output.ts';
import { type FolderSet, pathIn, readRuleFolder, ruleFolder, shownFolder } from '../rule-folder.ts';
import { plural, sayFault, wrapped } from '../source-lines.ts';

/** A finding with the path of its file inside the folder, and the stores whose rules show it. */
interface FoundIn extends StaticFinding {
  readonly file: string | undefined;
}

const LEVELS = ['error', 'warning', 'note'] as const;
const STYLE = { error: 'red', warning: 'yellow', note: 'dim' } as const;

export const rulesCheck: Command = {
  name: 'rules check',
  operands: '[FOLDER]',
  about: 'Reads the rule files as the coordinator would, and says what is wrong with them.',
  takes: [0, 1],
  asksApi: false,
  options: {
    strict: { type: 'boolean', about: 'warnings fail too' },
    quiet: { type: 'boolean', about: 'no notes: only errors and warnings' },
  },
  examples: ['rules check', 'rules check ./my-rules --strict', 'rules check --json'],
  exits: `${RULES_EXIT.fine} fine (warnings and notes do not fail), ${EXIT.usage} wrong usage, ${RULES_EXIT.unloadable} the files do not load, ${RULES_EXIT.found} they load and a finding is an error (with --strict, or a warning).`,
  async run({ operands, options, output }) {
    const folder = ruleFolder(operands[0]);
    const { sets, faults } = await readRuleFolder(folder);
    if (faults.length > 0) {
      for (const fault of faults) sayFault(fault, output);
      output.say();
      output.say(
        `The rules in ${shownFolder(folder)} do not load: ${plural(faults.length, 'fault')}. What is in force stays in force.`,
      );
      output.result({ ok: false, loads: false, faults, findings: [], errors: 0, warnings: 0, notes: 0 });
      return RULES_EXIT.unloadable;
    }
    const { MANIFESTS } = await import('../../local/agents.ts');
    const findings = findingsOf(sets, folder, new Date().toISOString(), MANIFESTS);
    const count = (level: StaticFinding['level']) => findings.filter((finding) => finding.level === level).length;
    const failed = count('error') > 0 || (options.strict === true && count('warning') > 0);
    sayFindings(findings, options.quiet === true, output);
    sayTotal(sets, folder, findings, output);
    output.result({
      ok: !failed,
      loads: true,
      faults,
      findings,
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
    });
    return failed ? RULES_EXIT.found : RULES_EXIT.fine;
  },
};

/** Findings of all sets, those that several stores share once. */
function findingsOf(
  sets: readonly FolderSet[],
  folder: string,
  now: string,
  manifests: Parameters<typeof analyse>[1]['manifests'],
): readonly FoundIn[] {
  const found = new Map<string, FoundIn>();
  for (const { store, compiled } of sets) {
    if ('errors' in compiled) continue;
    for (const finding of analyse(compiled, { manifests, now })) {
      const file = finding.place && pathIn(folder, store, finding.place.file);
      found.set(`${file} ${finding.check} ${finding.rules.join()} ${finding.message}`, { ...finding, file });
    }
  }
  return [...found.values()].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

function sayFindings(findings: readonly FoundIn[], quiet: boolean, output: Output): void {
  for (const finding of findings) {
    if (quiet && finding.level === 'note') continue;
    const head = output.style(STYLE[finding.level], `${finding.level} ${finding.check}`);
    const place = finding.place ? `${finding.file}:${finding.place.line}: ` : '';
    output.say(`${head}  ${place}${finding.rules[0] ?? ''}`.trimEnd());
    output.say(wrapped(finding.message, '  '));
    output.say(wrapped(`For example: ${finding.witness}`, '  '));
    output.say();
  }
}

function sayTotal(sets: readonly FolderSet[], folder: string, findings: readonly FoundIn[], output: Output): void {
  const counts = LEVELS.map((level) => plural(findings.filter((finding) => finding.level === level).length, level));
  for (const { store, files, compiled } of sets) {
    if ('errors' in compiled) continue;
    const whose = store === undefined ? shownFolder(folder) : `${shownFolder(folder)} for ${store}`;
    output.say(
      `${whose}: ${plural(compiled.policy.rules.length, 'rule')} in ${plural(Object.keys(files).length, 'file')}, set ${compiled.policy.hash.slice(0, 12)}`,
    );
  }
  output.say(counts.join(', '));
}
