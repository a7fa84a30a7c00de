import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BIGCOMMERCE_SCOPES } from '#shared/connectors/bigcommerce/bigcommerce-concierge.ts';
import { abilitiesOf, hasScope, WEBHOOK_TOPICS } from '#shared/connectors/shopify/scopes.ts';
import { SHOPIFY_OPERATIONS } from '#shared/connectors/shopify/shopify-admin.ts';
import { WOOCOMMERCE_TOPICS as REGISTERED } from '#shared/connectors/woocommerce/woocommerce-concierge.ts';
import { hookTopics } from '../../services/gateway/sources/bigcommerce/hooks.ts';
import { SHOPIFY_TOPICS } from '../../services/gateway/sources/shopify/topics.ts';
import { WOOCOMMERCE_TOPICS } from '../../services/gateway/sources/woocommerce/topics.ts';

const SCOPES = hookTopics.map(({ topic }) => topic);

/** What the executor brings in itself is no platform's topic. */
const isTold = (topic: string) => !/^(fetched|gone)\//.test(topic);
/** Of Shopify's next generation; they come beside the classic ones, and cannot be registered by the API of these. */
const isNextGeneration = (topic: string) => /^[A-Z]/.test(topic);
/** `orders/create` as the schema's enum has it. */
const topicEnum = (topic: string) => topic.replace('/', '_').toUpperCase();
/** Only newer shops know it, and there each comes beside `product.updated`. */
const UNASKED = 'product.published';

describe('what `store add` registers is what the gateway understands', () => {
  test('at Shopify', () => {
    const understood = [...SHOPIFY_TOPICS.keys()]
      .filter((topic) => isTold(topic) && !isNextGeneration(topic))
      .map(topicEnum)
      .sort();
    assert.deepEqual(WEBHOOK_TOPICS.map(({ topic }) => topic).sort(), understood);
  });

  test('at WooCommerce', () => {
    assert.deepEqual(
      [...REGISTERED].sort(),
      [...WOOCOMMERCE_TOPICS.keys()].filter((topic) => isTold(topic) && topic !== UNASKED).sort(),
    );
  });

  test('at BigCommerce, by families', () => {
    const families = BIGCOMMERCE_SCOPES.map((scope) => scope.replace('*', ''));
    for (const scope of SCOPES)
      assert.ok(
        families.some((family) => scope.startsWith(family)),
        scope,
      );
    for (const family of families)
      assert.ok(
        SCOPES.some((scope) => scope.startsWith(family)),
        family,
      );
  });
});

describe('the permissions that a merchant is told to give at Shopify', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/platforms/shopify.md', import.meta.url)), 'utf8');
  const told = new Set(/^ *((?:read|write)_[a-z_,]+)$/m.exec(page)?.[1]?.split(','));
  const abilities = abilitiesOf(new Set());

  test('are all that Parley can use, and no more', () => {
    assert.deepEqual(
      abilities.filter(({ scope }) => !hasScope(told, scope)),
      [],
    );
    const used = new Set(abilities.map(({ scope }) => scope));
    assert.deepEqual(
      [...told].filter((scope) => !used.has(scope)),
      [],
    );
  });

  test('stand in the table with what fails without them', () => {
    for (const { scope, actions, essential } of abilities) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${scope}\` |`));
      assert.ok(row, scope);
      for (const action of actions)
        if (scope.startsWith('write_')) assert.ok(row.includes(action), `${scope}: ${action}`);
      assert.equal(row.includes('does not connect'), essential, scope);
    }
  });

  test('cover every action that the connector carries out in the shop', () => {
    const covered = new Set(abilities.flatMap(({ actions }) => actions));
    const carriedOut = [...SHOPIFY_OPERATIONS.keys()].filter(
      (type) => !type.startsWith('reorder.') && type !== 'stock.reserve',
    );
    assert.deepEqual([...covered].sort(), carriedOut.sort());
  });
});
