import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { casesJsonSchema } from './json-schema.ts';

const folder = new URL('../../../rules/', import.meta.url);
const written = new URL('cases.schema.json', folder);
const current = `${JSON.stringify(casesJsonSchema(), null, 2)}\n`;

describe('rules/cases.schema.json', () => {
  test('is what the code makes (UPDATE=1 on this test writes it anew)', () => {
    if (process.env.UPDATE === '1') writeFileSync(written, current);
    const run = 'run: UPDATE=1 node --test shared/judgement/cases/json-schema.test.ts';
    assert.equal(readFileSync(written, 'utf8'), current, run);
  });

  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(current));

  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cases.yaml'))) {
    test(`takes ${name}`, () => {
      assert.ok(validate(parse(readFileSync(new URL(name, folder), 'utf8'))), JSON.stringify(validate.errors));
    });
  }

  const refused: Readonly<Record<string, string>> = {
    'an unknown key': 'cases: [{ case: a, expcet: {} }]\nend: true',
    'a case without a sentence': 'cases: [{ intents: {} }]\nend: true',
    'a wish that is no group of lines': 'cases: [{ case: a, intents: { pricing: 5 } }]\nend: true',
    'a file without its last line': 'cases: []',
  };
  for (const [what, text] of Object.entries(refused)) {
    test(`refuses ${what}`, () => assert.equal(validate(parse(text)), false));
  }
});
