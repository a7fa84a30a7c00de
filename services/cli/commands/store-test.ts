import { line } from '#shared/kernel/plain-text.ts';
import { type Command, EXIT } from '../command.ts';
import { at, DOOR_OPTIONS, type WithDoor, withInstallation } from '../stores/door.ts';
import { keptStore } from '../stores/kept.ts';
import { lookAt } from '../stores/look.ts';

const MARKS = { well: ['green', 'well '], note: ['yellow', 'note '], wrong: ['red', 'WRONG'] } as const;

export const storeTestWith = (withDoor: WithDoor): Command => ({
  name: 'store test',
  operands: 'NAME',
  about: 'Looks whether a shop is reached, what Parley may do there, and whether its webhooks come; changes nothing.',
  takes: [1, 1],
  asksApi: false,
  options: {
    'public-url': {
      type: 'string',
      value: 'URL',
      about: 'where the Internet reaches this Parley  [as it was started]',
    },
    rules: { type: 'string', value: 'DIR', about: 'the folder of rule files  [as the coordinator]' },
    ...DOOR_OPTIONS,
  },
  examples: ['store test candles', 'store test candles --json'],
  exits:
    '0 nothing is wrong; 1 something is; 2 wrong usage; 3 Parley or its database does not answer; 4 no such store.',
  run: (invocation) =>
    withDoor(invocation, async (opened) => {
      const { operands, options, output } = invocation;
      const door = await at(invocation, opened, operands[0]!);
      const kept = await keptStore(door, operands[0]!);
      const findings = await lookAt(door, kept, options.rules as string | undefined);
      for (const { name, state, detail, remedy } of findings) {
        const [style, mark] = MARKS[state];
        output.say(`${output.style(style, mark)}  ${name}: ${line(detail, 400)}`);
        if (remedy && state !== 'well') output.say(`       ${remedy}`);
      }
      const count = findings.filter(({ state }) => state === 'wrong').length;
      const mode = kept.row.mode === 'live' ? 'live' : 'only watched';
      output.say(
        count === 0 ? `Nothing is wrong; ${kept.row.store} is ${mode}.` : `${count} of ${findings.length} are wrong.`,
      );
      output.result({ ok: count === 0, store: kept.row.store, mode: kept.row.mode, findings });
      return count === 0 ? EXIT.done : EXIT.failed;
    }),
});

export const storeTest = storeTestWith(withInstallation);
