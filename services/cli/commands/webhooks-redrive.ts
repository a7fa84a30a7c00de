import { REASONS } from '#shared/kernel/errors.ts';
import { REDRIVABLE } from '#shared/store/deliveries/redrive.ts';
import type { Api } from '../api.ts';
import { isUuid, oneOf } from '../arguments.ts';
import { type Command, EXIT, type Invocation, UsageError } from '../command.ts';
import type { Output } from '../output.ts';

const NAMED_MAX = 1_000;

interface Redriven {
  readonly redriven: readonly string[];
  readonly refused: readonly { id: string; why: string }[];
  /** After which one the others come, where there may be any. */
  readonly next: string | null;
}

export const webhooksRedrive: Command = {
  name: 'webhooks redrive',
  operands: '[ID...]',
  about:
    'Maps webhooks again that failed or were ignored, once the cause is gone. What was mapped is not: it would be told twice.',
  takes: [0, NAMED_MAX],
  options: {
    state: { type: 'string', value: 'STATE', about: `all in this state, the oldest first: ${REDRIVABLE.join(', ')}` },
    store: { type: 'string', value: 'STORE', about: 'of this store; goes with --state' },
    reason: { type: 'string', value: 'REASON', about: 'with --state: only those that ended for this reason' },
    topic: { type: 'string', value: 'TOPIC', about: 'with --state: only those of this topic' },
    after: { type: 'string', value: 'ID', about: 'with --state: only those that came after this webhook' },
  },
  examples: [
    'webhooks redrive 0199f0c4-7a6e-7e7b-b9ff-0d2c5b1b1f4e',
    'webhooks redrive --state failed --store sandbox',
    'webhooks redrive --state ignored --reason unknown-topic --store sandbox',
  ],
  async run({ api, operands, options, output }) {
    const state = oneOf(options, 'state', REDRIVABLE);
    if (operands.length > 0 === (state !== undefined)) throw new UsageError('Name the webhooks, or say --state.');
    if ((state === undefined) !== (options.store === undefined))
      throw new UsageError('--state and --store go together.');
    const { topic, after, store } = options;
    const reason = oneOf(options, 'reason', REASONS);
    if (state === undefined && (reason ?? topic ?? after) !== undefined)
      throw new UsageError('--reason, --topic and --after go with --state.');
    const ids = after === undefined ? operands : [String(after)];
    const wrong = ids.find((id) => !isUuid(id));
    if (wrong !== undefined) throw new UsageError(`"${wrong.slice(0, 60)}" is no id of a webhook.`);
    const { redriven, refused } =
      state === undefined
        ? await redrivePage(api, { ids: operands }, output)
        : await redriveAll(api, { state, store, reason, topic }, after, output);
    if (redriven.length + refused.length === 0) output.say('Nothing to redrive.');
    output.result({ redriven, refused });
    return refused.length > 0 ? EXIT.failed : EXIT.done;
  },
};

async function redrivePage(api: Api, wanted: object, output: Output): Promise<Redriven> {
  const end = await api.post<Redriven>('/api/deliveries/redrive', wanted);
  for (const id of end.redriven) output.say(`${id}  will be mapped again`);
  for (const { id, why } of end.refused) output.say(`${id}  ${why}`);
  return end;
}

/**
 * Page after page, each after the last of the one before it, so that what ends as it did before is not taken again. Where
 * one cannot be asked for, what is left is said: those before it will be mapped all the same.
 */
async function redriveAll(
  api: Api,
  wanted: object,
  after: Invocation['options'][string],
  output: Output,
): Promise<Omit<Redriven, 'next'>> {
  const redriven: string[] = [];
  const refused: Redriven['refused'][number][] = [];
  for (let next: typeof after | null = after; next !== null; ) {
    const page: Redriven = await redrivePage(api, { ...wanted, after: next }, output).catch((thrown) => {
      if (redriven.length > 0)
        output.note(`${redriven.length} will be mapped again. For the rest say the same with --after ${next}`);
      throw thrown;
    });
    redriven.push(...page.redriven);
    refused.push(...page.refused);
    next = page.next;
  }
  return { redriven, refused };
}
