import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { rulesJsonSchema } from './json-schema.ts';
import { TEST_SHOP } from './testing.ts';

const folder = new URL('../../rules/', import.meta.url);
const written = new URL('schema.json', folder);
const current = `${JSON.stringify(rulesJsonSchema(), null, 2)}\n`;

describe('rules/schema.json', () => {
  test('is what the code makes (UPDATE=1 on this test writes it anew)', () => {
    if (process.env.UPDATE === '1') writeFileSync(written, current);
    assert.equal(readFileSync(written, 'utf8'), current, 'run: UPDATE=1 node --test shared/policy/json-schema.test.ts');
  });

  const validate = new Ajv2020({ strict: false, formats: { email: true } }).compile(JSON.parse(current));

  for (const name of readdirSync(folder).filter((file) => /(?<!\.cases)\.yaml$/.test(file))) {
    test(`takes ${name}`, () => {
      assert.ok(validate(parse(readFileSync(new URL(name, folder), 'utf8'))), JSON.stringify(validate.errors));
    });
  }

  const refused: Readonly<Record<string, string>> = {
    'an unknown kind': 'rules: [{ id: a, kind: guard, why: w }]\nend: true',
    'an unknown key': 'rules: [{ id: a, kind: priority, why: w, agents: [orders], colour: red }]\nend: true',
    'an action that there is not':
      'rules: [{ id: a, kind: temporal, why: w, lead: 1h, scope: { action: price.sett } }]\nend: true',
    'a file without its last line': 'rules: []',
    'a shop without a zone': TEST_SHOP.replace('zone: Europe/London\n', ''),
  };
  for (const [what, text] of Object.entries(refused)) {
    test(`refuses ${what}`, () => assert.equal(validate(parse(text)), false));
  }
});
