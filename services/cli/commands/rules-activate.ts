import type { Command } from '../command.ts';
import { ASK_OPTIONS, askFor, short } from '../rules-api.ts';

const EXITS =
  '0 done, or in force already; 1 refused, or not done within the time; 2 wrong usage; 3 Parley does not answer; 4 no such rule set or store.';

export const rulesActivate: Command = {
  name: 'rules activate',
  operands: '[HASH]',
  about: 'Puts a rule set in force: the one that the rule folder holds, or one that was stored before.',
  takes: [0, 1],
  options: ASK_OPTIONS,
  examples: [
    'rules activate',
    'rules activate --by LM --note "prices after the trade fair"',
    'rules activate 436e05d402c7 --store sandbox --json',
  ],
  exits: EXITS,
  run(invocation) {
    return askFor(invocation, { want: 'activate', hash: invocation.operands[0] }, ({ data, seq }, store) =>
      data.pinned
        ? `Rule set ${short(data.hash)} is in force in ${store} from event ${seq} on. The folder holds another one, so this one is pinned until "rules activate".`
        : `Rule set ${short(data.hash)} is in force in ${store} from event ${seq} on.`,
    );
  },
};

export const rulesRollback: Command = {
  name: 'rules rollback',
  operands: '[HASH]',
  about: 'Goes back to an earlier rule set and pins it: saving files changes nothing until "rules activate".',
  takes: [0, 1],
  options: ASK_OPTIONS,
  examples: ['rules rollback', 'rules rollback 436e05d402c7 --note "too many questions"', 'rules rollback --json'],
  exits: EXITS,
  run(invocation) {
    return askFor(
      invocation,
      { want: 'rollback', hash: invocation.operands[0] },
      ({ data, seq }, store) =>
        `Rule set ${short(data.hash)} is in force in ${store} from event ${seq} on, and pinned. The folder keeps what it says; "rules activate" takes it again.`,
    );
  },
};
