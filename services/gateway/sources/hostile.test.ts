import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SOURCES } from '#shared/contracts/sources.ts';
import { ParleyError } from '#shared/kernel/errors.ts';
import { when } from '../fixtures/mapping.ts';
import { OWN } from '../fixtures/samples/own.ts';
import { SECRETS, signed } from '../fixtures/samples/sign.ts';
import { sourceOf } from './index.ts';

const NOW_MS = 1_770_000_000_000;
const SIGNATURE_LIKE = fc.oneof(
  fc.string({ maxLength: 120 }),
  fc.base64String({ maxLength: 120 }),
  fc.constantFrom(
    'v1,',
    'v1,AAAA',
    't=1,v1=',
    't=1770000000,v1=00',
    'hmac-sha256-hex=',
    'hmac-sha256-hex=00',
    ' '.repeat(50),
  ),
  fc
    .array(fc.constantFrom('v1,AAAA', 'v1a,AAAA', 'v2,x', 't=1', 'v1=00'), { maxLength: 40 })
    .map((parts) => parts.join(' ')),
);

/** A source that is added brings its own test, and may have no sample here. */
const SAMPLED = SOURCES.filter((platform) => OWN.some((one) => one.source === platform));

for (const platform of SAMPLED) {
  const source = sourceOf({ platform });
  const sample = OWN.find((one) => one.source === platform && !one.isUnsigned)!;
  const headers = signed(platform, sample.body, { secret: SECRETS[platform], topic: sample.topic, nowMs: NOW_MS });
  const holds = (changed: Record<string, string | undefined>, secrets: readonly string[] = [SECRETS[platform]]) =>
    source.verify({ headers: { ...headers, ...changed }, body: sample.body }, secrets, NOW_MS);

  describe(`whoever writes to ${platform}`, () => {
    test('and holds no secret gets no further, whatever the headers', () => {
      assert.ok(holds({}));
      const names = Object.keys(headers);
      fc.assert(
        fc.property(fc.dictionary(fc.constantFrom(...names), SIGNATURE_LIKE), (changed) => {
          assert.equal(holds(changed, ['another secret']), undefined);
          assert.doesNotThrow(() => holds(changed));
        }),
      );
    });

    test('gets no further with any header of the signature gone', () => {
      for (const name of Object.keys(headers).filter((header) => /signature|hmac/.test(header))) {
        if (platform === 'shopify' && name.startsWith('shopify-')) continue;
        assert.equal(holds({ [name]: undefined }), undefined, name);
      }
    });

    test('makes no other fault than one with a reason, whatever the body', () => {
      const topics = fc.constantFrom(
        ...new Set(OWN.filter((one) => one.source === platform).map((one) => one.topic)),
        'no/topic',
      );
      const like = fc.constantFrom(...OWN.filter((one) => one.source === platform).map((one) => one.body.toString()));
      const bodies = fc.oneof(
        fc.json(),
        fc.string(),
        // A body of its own kind with one part taken for another.
        fc.tuple(like, fc.nat(), fc.jsonValue({ maxDepth: 2 })).map(([text, at, value]) => exchanged(text, at, value)),
      );
      fc.assert(
        fc.property(topics, bodies, (topic, body) => {
          try {
            when(topic, body, [], platform);
          } catch (thrown) {
            assert.ok(thrown instanceof ParleyError, String(thrown));
            assert.notEqual(thrown.reason, 'internal-error', `${thrown.message} ${body}`);
          }
        }),
        { numRuns: 400 },
      );
    });
  });
}

/** The same JSON with one of its values exchanged. */
function exchanged(text: string, at: number, value: unknown): string {
  let count = 0;
  try {
    JSON.parse(text, () => void count++);
    let left = at % count;
    return JSON.stringify(JSON.parse(text, (_key, own) => (left-- === 0 ? value : own)));
  } catch {
    return text;
  }
}
