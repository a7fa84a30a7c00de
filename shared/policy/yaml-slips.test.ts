import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ruleErrorText } from './rule-error.ts';
import { Source } from './source.ts';

const folder = new URL('../../rules/', import.meta.url);
const shipped = readdirSync(folder).filter((name) => /(?<!\.cases)\.yaml$/.test(name));

const GOOD = `rules:
  - id: margin-floor
    kind: guardrail
    scope: { action: price.set }
    else: adjust   # not deny
    why: Nothing is sold below it.

  - id: big-refund
    kind: threshold
    on: [a, b]
    why: A refund is for a person.
end: true
`;
const UNEVEN = 'this line is not indented like the lines beside it';
const TABS = 'indent with spaces, not with tabs';
const COLON = 'after a key come a colon and a blank, as in "why: the reason"';
const TWICE = 'this key stands here twice';
const SUCH = 'this is too much here: a text with such signs must stand in quotes';

const faultsIn = (text: string) => new Source('a.yaml', text).errors.map(ruleErrorText);

describe('one slip in the form of a file is one fault, in plain words, at its line', () => {
  const table: readonly [name: string, from: string, to: string, expected: string][] = [
    ['a blank too few', '    why: Nothing', '   why: Nothing', `6:1: ${UNEVEN}`],
    ['a blank too few in the line after the dash', '    kind: guardrail', '   kind: guardrail', `3:1: ${UNEVEN}`],
    ['a blank too many', '    kind: guardrail', '     kind: guardrail', `3:1: ${UNEVEN}`],
    ['an item further in', '  - id: big-refund', '   - id: big-refund', `8:1: ${UNEVEN}`],
    ['a tab', '    kind: threshold', '\tkind: threshold', `9:1: ${TABS}`],
    ['a tab after blanks', '    kind: threshold', '  \tkind: threshold', `9:3: ${TABS}`],
    ['no colon', 'kind: threshold', 'kind threshold', `9:5: ${COLON}`],
    ['no blank after the colon', 'kind: threshold', 'kind:threshold', `9:5: ${COLON}`],
    ['a quote that is not closed', 'kind: threshold', 'kind: "threshold', '9:11: the closing " is missing'],
    ['a brace that is not closed', 'price.set }', 'price.set', '5:5: before this a closing } is missing, or a comma'],
    ['a bracket that is not closed', '[a, b]', '[a, b', '11:5: before this a closing ] is missing, or a comma'],
    [
      'a sign that means something',
      'why: A',
      'why: @',
      '11:10: a text that begins with such a sign must stand in quotes',
    ],
    ['more after a quote', 'why: A refund', 'why: "A" refund', `11:14: ${SUCH}`],
    ['a tag', 'why: A', 'why: !A', '11:10: a text that begins with "!" must stand in quotes'],
    ['a dash that is missing', '  - id: big', '    id: big', `8:5: ${TWICE}`],
  ];
  for (const [name, from, to, expected] of table)
    test(name, () => {
      assert.ok(GOOD.includes(from));
      assert.deepEqual(faultsIn(GOOD.replace(from, to)), [`a.yaml:${expected}`]);
    });

  test('two slips that do not touch each other are both told', () => {
    const text = GOOD.replace('    else: adjust', '    kind: x\n    else: adjust').replace('why: A', 'why: !A');
    assert.deepEqual(
      faultsIn(text).map((fault) => fault.split(':')[1]),
      ['5', '12'],
    );
  });

  test('any line of the shipped rules moved by one blank, or set in with a tab', () => {
    for (const name of shipped) {
      const lines = readFileSync(new URL(name, folder), 'utf8').split('\n');
      for (const [index, line] of lines.entries()) {
        if (line.trim() === '' || line.trim().startsWith('#')) continue;
        for (const moved of [` ${line}`, line.replace(/^ /, ''), `\t${line.trim()}`]) {
          const faults = faultsIn(lines.with(index, moved).join('\n'));
          assert.ok(faults.length <= 1, `${name}:${index + 1}: ${faults.join('; ')}`);
          assert.doesNotMatch(faults.join(), /implicit|compact|indicator|flow|token|scalar|mapping/i);
          if (moved.startsWith('\t')) assert.match(faults[0] ?? TABS, /:1: indent with spaces/, `${name}:${index + 1}`);
        }
      }
    }
  });
});
