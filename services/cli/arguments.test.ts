import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apiUrl, familyOf, findCommand, helpOf, readArguments } from './arguments.ts';
import { type Command, UsageError } from './command.ts';

const command: Command = {
  name: 'context get',
  operands: 'RESOURCE',
  about: 'Shows something.',
  takes: [1, 1],
  options: { store: { type: 'string', value: 'STORE', about: 'of this store' } },
  examples: ['context get sku:1'],
  run: async () => 0,
};

describe('arguments', () => {
  test('a command of two words is found, and what follows is left', () => {
    assert.deepEqual(findCommand(['context', 'get', 'sku:1', '--json'], [command])?.rest, ['sku:1', '--json']);
    assert.equal(findCommand(['context'], [command]), undefined);
  });

  test('of two commands that fit, the longer name is meant', () => {
    const longer = { ...command, name: 'context get all' };
    assert.equal(findCommand(['context', 'get', 'all', 'x'], [command, longer])?.command, longer);
    assert.equal(findCommand(['context', 'get', 'any'], [command, longer])?.command, command);
  });

  test('words that begin commands lead to those, however many words they are', () => {
    const names = ['store add', 'store endpoint add', 'store endpoint list', 'explain'];
    const family = (...words: string[]) => {
      const found = familyOf(
        words,
        names.map((name) => ({ ...command, name })),
      );
      return [found.depth, found.family.map(({ name }) => name)];
    };
    assert.deepEqual(family('store'), [1, names.slice(0, 3)]);
    assert.deepEqual(family('store', 'endpoint'), [2, names.slice(1, 3)]);
    assert.deepEqual(family('store', 'endpoint', 'ad'), [2, names.slice(1, 3)]);
    assert.deepEqual(family('store', 'ad'), [1, names.slice(0, 3)]);
    assert.deepEqual(family('explain', 'x'), [0, []]);
  });

  test('options and operands come in any order', () => {
    const { operands, options } = readArguments(command, ['--store', 'sandbox', 'sku:1', '--json']);
    assert.deepEqual([...operands], ['sku:1']);
    assert.deepEqual({ ...options }, { store: 'sandbox', json: true });
    assert.equal(readArguments(command, ['--store=sandbox', 'sku:1']).options.store, 'sandbox');
  });

  test('an unknown flag is refused with the nearest that there is', () => {
    assert.throws(
      () => readArguments(command, ['sku:1', '--stor', 'x']),
      /Unknown flag --stor\. Did you mean "--store"\?/,
    );
    assert.throws(() => readArguments(command, ['sku:1', '-x']), UsageError);
  });

  test('a value that is missing, one too many, and operands that do not fit', () => {
    assert.throws(() => readArguments(command, ['sku:1', '--store']), /--store needs a value/);
    assert.throws(() => readArguments(command, ['sku:1', '--json=yes']), /--json takes no value/);
    assert.throws(() => readArguments(command, []), /Usage: parley context get RESOURCE.*\.$/);
    assert.throws(() => readArguments(command, ['a', 'b']), UsageError);
  });

  test('the address comes from --url, from --port, or is the default', () => {
    assert.equal(apiUrl({}), 'http://127.0.0.1:8081');
    assert.equal(apiUrl({ port: '9090' }), 'http://127.0.0.1:9091');
    assert.equal(apiUrl({ url: 'https://parley.example/' }), 'https://parley.example/');
    for (const wrong of [{ port: 'x' }, { port: '70000' }, { url: 'parley' }, { url: 'ftp://x' }])
      assert.throws(() => apiUrl(wrong), UsageError);
  });

  test('the data folder of what runs goes before the default, and behind what is named', () => {
    const found = () => 'http://127.0.0.1:7911';
    assert.equal(apiUrl({}, found), found());
    assert.equal(apiUrl({ port: '9090' }, found), 'http://127.0.0.1:9091');
    assert.equal(apiUrl({ url: 'https://parley.example' }, found), 'https://parley.example');
  });

  test('a command that does not ask the API takes no address of it, and says how it finds Parley', () => {
    const data = { type: 'string', value: 'DIR', about: 'the data folder' } as const;
    const own: Command = { ...command, asksApi: false, options: { data } };
    for (const flag of ['--url=http://x', '--port=7910'])
      assert.throws(() => readArguments(own, ['sku:1', flag]), /Unknown flag --(url|port)\..*--data DIR/);
    assert.doesNotMatch(helpOf(own), /--url|--port/);
    assert.throws(() => readArguments({ ...own, options: {} }, ['sku:1', '--port=1']), /Unknown flag --port\.$/);
  });

  test('a command that asks the API finds it by the data folder as well', () => {
    assert.equal(readArguments(command, ['sku:1', '--data', 'shop']).options.data, 'shop');
    assert.match(helpOf(command), /--url URL.*--port P.*--data DIR/s);
  });

  test('the help names every option, the examples and the exit codes', () => {
    const help = helpOf(command);
    for (const part of ['--store STORE', '--json', '--url URL', 'npx parley context get sku:1', 'Exit codes: 0 done'])
      assert.ok(help.includes(part), part);
  });
});
