import type { BusMessage } from '#shared/bus/bus.ts';
import { type ParleyError, toParleyError } from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { isRefusedValue } from '#shared/store/connect.ts';
import { writeDeadLetters } from '#shared/store/dead-letters.ts';
import { SERVICE } from './deps.ts';
import type { Desk } from './desk.ts';

const TEXT_KEPT = 20_000;

/**
 * Takes answers in together. Where Postgres refuses what they say, each is taken in by itself, and the one that is refused
 * alone is set aside: the bus would bring it again and again, and it would take others with it each time.
 */
export async function collectApart(desk: Desk, messages: readonly BusMessage[]): Promise<boolean> {
  try {
    return await desk.collect(messages);
  } catch (thrown) {
    if (messages.length === 0 || !isRefusedValue(thrown)) throw thrown;
    desk.deps.logger.warn({ err: toParleyError(thrown), store: desk.store }, 'answers are refused: taken one by one');
  }
  // Events first, by themselves: where they are what is refused, no answer is to blame.
  await desk.settleDoubt();
  await desk.collect([]);
  for (const message of messages) await collectOne(desk, message);
  return true;
}

async function collectOne(desk: Desk, message: BusMessage): Promise<void> {
  try {
    await desk.collect([message]);
  } catch (thrown) {
    if (!isRefusedValue(thrown)) throw thrown;
    await desk.settleDoubt();
    await setAside(desk, message, toParleyError(thrown));
    message.ack();
  }
}

async function setAside(desk: Desk, message: BusMessage, error: ParleyError): Promise<void> {
  const { store, deps } = desk;
  const { subject } = message;
  deps.logger.error({ err: error, store, subject }, 'an answer was set aside');
  const raw = { text: cut(message.text(), TEXT_KEPT) };
  const letter = { store, id: deps.clocks.newId(), service: SERVICE, kind: 'message', ref: subject, raw } as const;
  await desk.transact((tx) => writeDeadLetters(tx, [{ ...letter, reason: 'malformed-answer', detail: error.message }]));
}
