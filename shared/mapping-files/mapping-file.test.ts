import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { compileExpression } from './expression.ts';
import { openMappingFile, readMappingFile } from './mapping-file.ts';

const HEAD = 'sender: rival-watch\nmappings:\n';
const END = 'end: true\n';
const ONE = `  - type: map.changed
    data:
      sku: body.sku
      priceMinor: body.price
      currency: '"GBP"'
`;
const GOOD = `${HEAD}${ONE}${END}`;

const errorsOf = (text: string): string[] => {
  const read = readMappingFile('rival.yaml', text);
  return 'errors' in read ? read.errors.map(ruleErrorText) : [];
};

describe('a mapping file', () => {
  test('tells what a body says, by the first mapping whose condition holds', () => {
    const file = openMappingFile(
      'rival.yaml',
      `${HEAD}${ONE.replace('- type', '- when: body.kind == "map"\n    type')}  - when: body.kind != "other"
    type: supplier.delayed
    data:
      supplier: body.who
      skus: body.items.map(item, item.sku)
      delayDays: 2
${END}`,
    );
    assert.deepEqual(file.tell({ kind: 'map', sku: 'A', price: 250 }), {
      type: 'map.changed',
      data: { sku: 'A', priceMinor: 250, currency: 'GBP' },
      at: undefined,
    });
    assert.deepEqual(file.tell({ kind: 'late', who: 'acme', items: [{ sku: 'A' }, { sku: 'B' }] })?.data, {
      supplier: 'acme',
      skus: ['A', 'B'],
      delayDays: 2,
    });
    assert.equal(file.tell({ kind: 'other' }), undefined);
    assert.equal(file.tell({}), undefined);
  });

  test('may leave out what an event may lack, and give lists value by value', () => {
    const file = openMappingFile(
      'x.yaml',
      `${HEAD}  - type: order.flagged
    data: { order: body.id, level: '"high"', signals: [body.a, body.b] }
${END}`,
    );
    assert.deepEqual(file.tell({ id: 7, a: 'x', b: 'y' })?.data, { order: 7, level: 'high', signals: ['x', 'y'] });
  });

  describe('holds nobody up', () => {
    const looping = openMappingFile(
      'x.yaml',
      `${HEAD}${ONE.replace('- type', '- when: body.texts.all(text, !body.page.contains(text))\n    type').repeat(20)}${END}`,
    );
    const body = (texts: number, page: number) => ({
      texts: Array.from({ length: texts }, (_, index) => `no ${index}`),
      page: 'x'.repeat(page),
      sku: 'A',
      price: 1,
    });

    test('with a large order', () => assert.equal(looping.tell(body(300, 20_000))?.type, 'map.changed'));

    test('with a body that would take minutes', () =>
      assert.throws(
        () => looping.tell(body(5_000, 1_000_000)),
        /too large for the loops of the mapping file: a list of 5000 items and a text of 1000000 characters/,
      ));

    test('with values either', () => {
      const values = openMappingFile(
        'x.yaml',
        `${HEAD}${ONE.replace('body.sku', 'string(size(body.texts.filter(text, body.page.contains(text))))')}${END}`,
      );
      assert.equal(values.tell(body(300, 20_000))?.data.sku, '0');
      assert.throws(() => values.tell(body(19_000, 1_000_000)), /too large for the loops/);
    });
  });

  const times: [unknown, string][] = [
    ['2026-02-01T11:00:00+01:00', '2026-02-01T10:00:00.000Z'],
    [1_770_000_000, '2026-02-02T02:40:00.000Z'],
    [1_770_000_000.5, '2026-02-02T02:40:00.500Z'],
    [1_770_000_000_000, '2026-02-02T02:40:00.000Z'],
  ];
  for (const [given, at] of times)
    test(`takes ${given} as a time`, () => {
      const file = openMappingFile('x.yaml', GOOD.replace('- type', '- at: body.at\n    type'));
      assert.equal(file.tell({ sku: 'A', price: 1, at: given })?.at, at);
    });

  const faults: [string, string, string][] = [
    ['an empty file', '', 'rival.yaml:1:1: the file is empty'],
    [
      'a half-saved file',
      `${HEAD}${ONE}`,
      'rival.yaml:7:1: the file does not end with "end: true"; it may have been saved halfway',
    ],
    [
      'an unknown key',
      GOOD.replace('mappings', 'mapings'),
      'rival.yaml:2:1: unknown key "mapings". Did you mean "mappings"?',
    ],
    [
      'no mapping',
      `sender: x\nmappings: []\n${END}`,
      'rival.yaml:2:11: "mappings" is too short or too small (at least 1)',
    ],
    [
      'a sender that is no name',
      GOOD.replace('rival-watch', 'Rival Watch'),
      'rival.yaml:1:9: "sender": small letters, digits and hyphens only',
    ],
    [
      'a field that the event has not',
      GOOD.replace('sku:', 'skuu:'),
      'rival.yaml:5:7: map.changed has no "skuu"; it has sku, priceMinor, currency. Did you mean "sku"?',
    ],
    ['a field too few', GOOD.replace('      sku: body.sku\n', ''), 'rival.yaml:5:7: map.changed needs "sku"'],
    [
      'a mistyped root',
      GOOD.replace('body.price', 'boddy.price'),
      `rival.yaml:6:19: unknown name "boddy"; an expression reads "body". A fixed text stands in quotes within quotes: '"boddy"'. Did you mean "body"?`,
    ],
    [
      'a fixed text without its quotes',
      GOOD.replace(`'"GBP"'`, 'GBP'),
      `rival.yaml:7:17: unknown name "GBP"; an expression reads "body". A fixed text stands in quotes within quotes: '"GBP"'.`,
    ],
    [
      'a call that may take for ever',
      GOOD.replace('body.sku', 'body.sku.matches("a")'),
      'rival.yaml:5:12: "matches()" cannot be used here; there are has, size, exists, all, map, filter, contains, startsWith, endsWith, string, int, double, minor.',
    ],
    [
      'a figure that the event cannot hold',
      GOOD.replace('body.price', '-1'),
      'rival.yaml:6:19: -1: Too small: expected number to be >=0',
    ],
    [
      'a condition that is none',
      GOOD.replace('- type', '- when: size(body)\n    type'),
      'rival.yaml:3:11: a condition must be true or false; compare it with something',
    ],
  ];
  for (const [name, text, expected] of faults)
    test(`${name} has its line, its column and plain words`, () =>
      assert.ok(errorsOf(text).includes(expected), errorsOf(text).join('\n')));

  test('cannot be told to end a replay', () => {
    assert.match(errorsOf(GOOD.replace('map.changed', 'replay.ended')).join(), /"type" must be one of/);
  });

  test('whatever the text, reading ends with a file or with errors', () => {
    const lines = GOOD.split('\n');
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.string({ maxLength: 40 }), (at, line) => {
        const read = readMappingFile('x.yaml', lines.with(at, line).join('\n'));
        assert.ok('mapping' in read || read.errors.length > 0);
      }),
    );
  });

  test('whatever the body, it says something that can be checked, says nothing, or says where it fails', () => {
    const file = openMappingFile('x.yaml', GOOD.replace('- type', '- when: body.sku != "B"\n    type'));
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        try {
          const told = file.tell(body);
          assert.ok(told === undefined || told.type === 'map.changed');
        } catch (thrown) {
          assert.equal((thrown as { reason: string }).reason, 'unknown-shape');
        }
      }),
    );
  });
});

describe('an expression', () => {
  const of = (source: string, body: unknown) => {
    const compiled = compileExpression(source, 'value');
    assert.ok('expression' in compiled, JSON.stringify(compiled));
    return compiled.expression.of(body);
  };
  const values: [string, unknown, unknown][] = [
    ['body.n * 2 + 1', { n: 3 }, 7],
    ['body.n == 3', { n: 3 }, true],
    ['body.n != 3', { n: 3 }, false],
    ['body.n > 2 && body.n < 4', { n: 3 }, true],
    ['body.n / 2', { n: 3 }, 1.5],
    ['minor("12.50", "GBP")', {}, 1_250],
    ['minor(body.amount, body.code)', { amount: 12.5, code: 'USD' }, 1_250],
    ['minor("1250", "JPY")', {}, 1_250],
    ['int(body.text)', { text: '42' }, 42],
    ['string(body.n)', { n: 3 }, '3'],
    ['body.items.filter(i, i.n > 1)', { items: [{ n: 1 }, { n: 2 }] }, [{ n: 2 }]],
    ['body.items[1].n', { items: [{ n: 1 }, { n: 2 }] }, 2],
    ['body.items[9].n', { items: [] }, undefined],
    ['body.a.b.c', { a: {} }, undefined],
    ['body.a.b', { a: null }, undefined],
    ['has(body.a) ? body.a : "none"', {}, 'none'],
    ['body["a b"]', { 'a b': 1 }, 1],
    ['body.constructor', {}, undefined],
    ['body.__proto__', {}, undefined],
    ['body.toString', {}, undefined],
  ];
  for (const [source, body, expected] of values) test(source, () => assert.deepEqual(of(source, body), expected));

  const refused = [
    'body.items.map(i, i.map(j, j))',
    '{"a": 1}',
    'body.',
    'f(body)',
    `"${'x'.repeat(600)}"`,
    'body.a.matches("(a+)+")',
  ];
  for (const source of refused)
    test(`refused: ${source.slice(0, 40)}`, () => assert.ok('bad' in compileExpression(source, 'value')));
});
