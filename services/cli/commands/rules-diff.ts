import { diffRuleSets, ruleChangeText } from '#shared/policy/diff.ts';
import { ruleSetHash } from '#shared/runtime/rule-files.ts';
import { type Command, EXIT, type Invocation, RULES_EXIT } from '../command.ts';
import { IN_FORCE, sideOf } from '../rule-side.ts';
import { plural, sayFault } from '../source-lines.ts';

export const rulesDiff: Command = {
  name: 'rules diff',
  operands: 'OLD NEW',
  about: 'Shows rule by rule how two sets differ, in the words that changed.',
  takes: [2, 2],
  options: {
    store: {
      type: 'string',
      value: 'STORE',
      about: 'the store whose rules are meant, where folders have several or there are several in force',
    },
  },
  examples: [
    'rules diff ./rules ./my-rules',
    `rules diff ${IN_FORCE} ./rules`,
    'rules diff 436e05d402c7 9b1f0c8a77d2 --json',
  ],
  exits: `${RULES_EXIT.fine} done, whether or not they differ, ${EXIT.failed} refused, ${EXIT.usage} wrong usage, ${RULES_EXIT.unloadable} one of the two does not load (or Parley does not answer, where a hash was named), ${EXIT.notFound} no such set.`,
  async run({ operands, options, api, output }: Invocation) {
    const store = typeof options.store === 'string' ? options.store : undefined;
    const [old, now] = [await sideOf(operands[0]!, store, api), await sideOf(operands[1]!, store, api)];
    const broken = [old, now].filter(({ faults }) => faults.length > 0);
    if (broken.length > 0) {
      for (const { name, faults } of broken) {
        output.say(`${name} does not load:`);
        for (const fault of faults) sayFault(fault, output);
      }
      output.result({ loads: false, faults: broken.flatMap(({ faults }) => faults) });
      return RULES_EXIT.unloadable;
    }
    const changes = diffRuleSets(old.files, now.files);
    for (const change of changes) for (const text of ruleChangeText(change)) output.say(text);
    const [from, to] = [ruleSetHash(old.files), ruleSetHash(now.files)];
    const same = from === to ? 'They are the same.' : 'They differ in comments and layout only.';
    output.say(changes.length === 0 ? same : `${plural(changes.length, 'difference')} from ${old.name} to ${now.name}`);
    output.result({ from, to, changes });
    return RULES_EXIT.fine;
  },
};
