import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DiscardPolicy, type JetStreamManager, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { connect, type NatsConnection } from 'nats';
import { createLogger } from '#shared/runtime/logger.ts';
import { startTestNats, type TestNats } from '#shared/testing/nats.ts';
import { streamConfig } from './ensure.ts';
import { inboxPrefix } from './identities.ts';
import { openNatsBus } from './nats-bus.ts';
import { STREAMS } from './streams.ts';
import { answerSubject } from './subjects.ts';
import { connectionTarget } from './target.ts';

const ANSWERS = STREAMS.find(({ name }) => name === 'ANSWERS')!;
const SMALL = 40_000;

describe('streams', () => {
  let nats: TestNats;
  let setup: NatsConnection;
  let manager: JetStreamManager;

  before(async () => {
    nats = await startTestNats();
    setup = await connect({ ...connectionTarget(nats.urlOf('setup')), inboxPrefix: inboxPrefix('setup') });
    manager = await jetstreamManager(setup);
  });
  after(async () => {
    await setup.close();
    await nats.stop();
  });

  async function streams(): Promise<Map<string, { config: StreamConfig; messages: number; firstSeq: number }>> {
    const all = await manager.streams.list().next();
    return new Map(
      all.map(({ config, state }) => [config.name, { config, messages: state.messages, firstSeq: state.first_seq }]),
    );
  }

  /** Says so many answers of 1 kB, as an agent does; answers how many were kept. */
  async function answer(count: number): Promise<number> {
    const bus = await openNatsBus({
      url: nats.urlOf('pricing'),
      service: 'pricing',
      logger: createLogger('test', 'silent'),
    });
    const said = Array.from({ length: count }, () => bus.publish(answerSubject('shop', 'pricing'), 'x'.repeat(1_000)));
    const ends = await Promise.allSettled(said);
    await bus.close();
    return ends.filter(({ status }) => status === 'fulfilled').length;
  }

  test('a full stream takes what is new and lets its oldest go, so that agents can always answer', async () => {
    await manager.streams.add({ ...streamConfig(ANSWERS), max_bytes: SMALL });
    assert.equal(await answer(100), 100);
    const { messages, firstSeq } = (await streams()).get('ANSWERS')!;
    assert.ok(messages > 10 && messages < 100, `${messages} are kept`);
    assert.ok(firstSeq > 1, 'the newest, not the oldest');
  });

  test('one with other settings gets those that are declared, and keeps what it holds', async () => {
    await manager.streams.update('ANSWERS', { discard: DiscardPolicy.New, max_bytes: SMALL, max_age: 0 });
    assert.equal(await answer(100), 0, 'as streams were made before, it refuses');
    const kept = (await streams()).get('ANSWERS')!;
    const changed = await nats.ensure(['shop']);
    assert.deepEqual(changed.slice(0, 3), ['EVENTS', 'ANSWERS', 'DECISIONS']);
    const now = (await streams()).get('ANSWERS')!;
    for (const [key, value] of Object.entries(streamConfig(ANSWERS)))
      assert.deepEqual(now.config[key as keyof StreamConfig], value, key);
    assert.deepEqual([now.messages, now.firstSeq], [kept.messages, kept.firstSeq]);
    assert.equal(await answer(3), 3);
  });

  test('is left alone where it is as declared', async () => {
    assert.deepEqual(await nats.ensure(['shop']), []);
  });
});
