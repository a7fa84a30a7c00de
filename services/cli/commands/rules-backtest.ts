import { compileRuleSet } from '#shared/policy/compile.ts';
import { ruleSetHash } from '#shared/runtime/rule-files.ts';
import { NOT_KNOWN, runBacktests, sayReport } from '../backtests.ts';
import { type Command, EXIT, RULES_EXIT } from '../command.ts';
import { numberOption, spanOf, storeOf } from '../kept-rounds.ts';
import { ruleFolder } from '../rule-folder.ts';
import { sideOf } from '../rule-side.ts';
import { sayFault } from '../source-lines.ts';

export const rulesBacktest: Command = {
  name: 'rules backtest',
  operands: '[FOLDER|HASH]',
  about: 'Judges what has happened under other rules, and says what would have been decided otherwise.',
  takes: [0, 1],
  options: {
    store: { type: 'string', value: 'STORE', about: 'whose history  [the only one]' },
    days: { type: 'string', value: 'N', about: "only the last N days, on the store's clock  [all]" },
  },
  examples: ['rules backtest', 'rules backtest ./my-rules --days 30', 'rules backtest 436e05d402c7 --json'],
  exits: `${RULES_EXIT.fine} done, whether or not anything changes, ${EXIT.failed} a round could not be judged under these rules, ${EXIT.usage} wrong usage, ${RULES_EXIT.unloadable} the rules do not load (or Parley does not answer), ${EXIT.notFound} no such store or set.`,
  async run({ operands, options, api, output }) {
    const days = numberOption('days', options.days, 1);
    const store = await storeOf(api, typeof options.store === 'string' ? options.store : undefined);
    const side = await sideOf(operands[0] ?? ruleFolder(undefined), store, api);
    const hash = ruleSetHash(side.files);
    const compiled = compileRuleSet(side.files, hash);
    if (side.faults.length > 0 || 'errors' in compiled) {
      const faults = side.faults.length > 0 ? side.faults : 'errors' in compiled ? compiled.errors : [];
      for (const fault of faults) sayFault(fault, output);
      output.result({ ok: false, loads: false, faults });
      return RULES_EXIT.unloadable;
    }
    const span = await spanOf(api, store, { days });
    const [report] = await runBacktests(api, store, span, [compiled.policy], output);
    output.say(`${side.name} (${hash.slice(0, 12)}) on what happened in ${store}`);
    output.say();
    sayReport(report!, span.currency, output);
    output.say();
    for (const text of NOT_KNOWN) output.say(text);
    const ok = report!.faults.length === 0;
    output.result({
      ok,
      store,
      hash,
      unrecorded: span.unrecorded,
      ...report!,
      currency: span.currency,
      notKnown: NOT_KNOWN,
    });
    return ok ? RULES_EXIT.fine : EXIT.failed;
  },
};
