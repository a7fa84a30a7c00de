import { existsSync, writeFileSync } from 'node:fs';
import type { Precedent } from '#shared/judgement/precedents/features.ts';
import { type Proposal, propose } from '#shared/judgement/precedents/propose.ts';
import type { BacktestReport } from '#shared/judgement/record/backtest.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { type RuleFiles, ruleSetHash } from '#shared/runtime/rule-files.ts';
import { NOT_KNOWN, runBacktests, sayReport } from '../backtests.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { numberOption, spanOf, storeOf } from '../kept-rounds.ts';
import { IN_FORCE, sideOf } from '../rule-side.ts';
import { plural } from '../source-lines.ts';

/** A proposal that loads beside the rules in force, with what it would have changed. */
interface Tried {
  readonly proposal: Proposal;
  readonly policy: Policy;
}

export const rulesPropose: Command = {
  name: 'rules propose',
  about:
    'Shows the rules that people’s rulings amount to, with the rulings behind each and what it would have changed.',
  takes: [0, 0],
  options: {
    store: { type: 'string', value: 'STORE', about: 'whose rulings  [the only one]' },
    days: { type: 'string', value: 'N', about: 'backtest over the last N days only  [all]' },
    write: { type: 'string', value: 'FILE', about: 'also write them into FILE, which must not end in .yaml or .yml' },
  },
  examples: [
    'rules propose',
    'rules propose --store sandbox --json',
    'rules propose --write rules/from-rulings.proposed',
  ],
  async run({ options, api, output }) {
    const days = numberOption('days', options.days, 1);
    const target = targetOf(options.write);
    const store = await storeOf(api, typeof options.store === 'string' ? options.store : undefined);
    const { files } = await sideOf(IN_FORCE, store, api);
    const known = compileRuleSet(files, ruleSetHash(files));
    if ('errors' in known) throw new PermanentError('rule-file-invalid', 'The rules in force no longer compile.');
    const precedents = await precedentsOf((path) => api.get(path), store);
    const { currency } = known.policy.shop;
    const proposals = propose(precedents, { rules: known.rules, files, currency });
    const tried = proposals.flatMap((proposal): Tried[] => {
      const policy = policyWith(proposal, files);
      return policy ? [{ proposal, policy }] : [];
    });
    const span = await spanOf(api, store, { days });
    const reports =
      tried.length > 0
        ? await runBacktests(
            api,
            store,
            span,
            tried.map((one) => one.policy),
            output,
            known.policy,
          )
        : [];
    output.say(
      `${plural(precedents.length, 'ruling')} of people in ${store} amount to ${plural(tried.length, 'rule')}.`,
    );
    for (const [index, { proposal }] of tried.entries()) sayProposal(proposal, reports[index]!, currency, output);
    if (tried.length > 0) {
      output.say();
      for (const text of ['Nothing of this is in force. Put into a rule file what you want.', ...NOT_KNOWN])
        output.say(text);
    }
    if (target && tried.length > 0) writeFileSync(target, fileText(store, tried), { flag: 'wx' });
    if (target && tried.length > 0) output.note(`Written to ${target}. Nothing reads a file of that name.`);
    if (target && tried.length === 0) output.note(`There is nothing to write: ${target} was not made.`);
    output.result({
      ok: true,
      store,
      rulings: precedents.length,
      proposals: tried.map(({ proposal }, index) => ({ ...proposal, backtest: reports[index] })),
      notKnown: NOT_KNOWN,
    });
    return EXIT.done;
  },
};

/** A file that the coordinator would read could come into force by a save; so it must be one that it does not read. */
function targetOf(value: string | boolean | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (/\.ya?ml$/i.test(value))
    throw new UsageError('--write takes a name that does not end in .yaml: rule files are read as they are saved.');
  if (existsSync(value)) throw new UsageError(`${value} is there already; name a new file.`);
  return value;
}

async function precedentsOf(get: <Answer>(path: string) => Promise<Answer>, store: string): Promise<Precedent[]> {
  type Row = Pick<Precedent, 'escalation' | 'by' | 'option'> & { now: string; features: Omit<Precedent, 'escalation'> };
  const { precedents } = await get<{ precedents: readonly Row[] }>(`/api/precedents/${store}`);
  return precedents.map(({ escalation, by, option, now, features }) => ({
    ...features,
    escalation,
    by,
    option,
    at: now,
  }));
}

/** The rules in force with the proposal; undefined where they do not load together, so that only what works is shown. */
function policyWith(proposal: Proposal, files: RuleFiles): Policy | undefined {
  const changed = proposal.replaces
    ? { ...files, [proposal.replaces.file]: proposal.replaces.text }
    : { ...files, [`proposed-${proposal.rule}.yaml`]: `rules:\n${proposal.yaml}end: true\n` };
  const compiled = compileRuleSet(changed, ruleSetHash(changed));
  return 'policy' in compiled ? compiled.policy : undefined;
}

function sayProposal(
  proposal: Proposal,
  report: BacktestReport,
  currency: string,
  output: Parameters<Command['run']>[0]['output'],
): void {
  output.say();
  output.say(output.style('bold', line(proposal.says, 200)));
  if (proposal.replaces) output.say(`  in place of ${proposal.replaces.file}:${proposal.replaces.line}`);
  for (const text of proposal.yaml.trimEnd().split('\n')) output.say(`  ${line(text, 300)}`);
  output.say(`  Rests on ${plural(proposal.rulings.length, 'ruling')}, ${proposal.against.length} against:`);
  for (const ruling of proposal.rulings)
    output.say(
      `    ${ruling.at.slice(0, 16).replace('T', ' ')}  ${line(ruling.by, 60)} chose ${ruling.option}  ${ruling.escalation}`,
    );
  for (const ruling of proposal.against)
    output.say(
      `    ${ruling.at.slice(0, 16).replace('T', ' ')}  ${line(ruling.by, 60)} chose ${ruling.option}  ${ruling.escalation}  (against)`,
    );
  output.say('  Beside the rules in force, on what has happened:');
  sayReport(report, currency, output, '  ');
}

function fileText(store: string, tried: readonly Tried[]): string {
  const parts = tried.map(({ proposal }) => {
    const place = proposal.replaces
      ? `  # ${proposal.says}; takes the place of the rule at ${proposal.replaces.file}:${proposal.replaces.line}\n`
      : `  # ${proposal.says}\n`;
    const behind = proposal.rulings
      .map((one) => `  #   ${one.at.slice(0, 10)} ${one.option}: ${one.escalation}\n`)
      .join('');
    return `${place}  # rests on ${plural(proposal.rulings.length, 'ruling')}, ${proposal.against.length} against\n${behind}${proposal.yaml}`;
  });
  return `# Rules that rulings in ${store} amount to. Not in force, and nothing reads this file.
# To take one: copy it into a rule file (one that replaces another goes in its place), then run rules check.
rules:
${parts.join('\n')}`;
}
