import { SOURCES } from '#shared/contracts/sources.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { block } from '#shared/kernel/plain-text.ts';
import { HOUR_MS } from '#shared/kernel/time.ts';
import { DELIVERY_STATES, type ListedDelivery, type WholeDelivery } from '#shared/store/deliveries/listing.ts';
import type { Api } from '../api.ts';
import { isUuid, oneOf } from '../arguments.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import type { Output } from '../output.ts';
import { hoursOf } from '../watch-report.ts';

const LISTED_MAX = 1_000;
const BODY_SHOWN = 20_000;

interface Refused {
  readonly endpoint: string;
  readonly reason: string;
  readonly count: number;
}

export const webhooksList: Command = {
  name: 'webhooks list',
  about: 'Shows what came in, newest first: its topic, what became of it, how often it was repeated.',
  takes: [0, 0],
  options: {
    store: { type: 'string', value: 'STORE', about: 'of this store only' },
    state: { type: 'string', value: 'STATE', about: `in this state only: ${DELIVERY_STATES.join(', ')}` },
    source: { type: 'string', value: 'SOURCE', about: `from this source only: ${SOURCES.join(', ')}` },
    since: { type: 'string', value: 'TIME', about: 'received in the last 36h, 7d or 2w' },
    limit: { type: 'string', value: 'N', about: `at most so many, up to ${LISTED_MAX}  [100]` },
    refused: {
      type: 'boolean',
      about: 'instead, how many were refused, by endpoint and reason; nothing of those is kept',
    },
  },
  examples: [
    'webhooks list',
    'webhooks list --state failed --since 7d',
    'webhooks list --source woocommerce --limit 20 --json',
    'webhooks list --refused',
  ],
  async run({ api, options, output }) {
    const query = new URLSearchParams();
    const limit = Number(options.limit ?? 100);
    if (!Number.isInteger(limit) || limit < 1 || limit > LISTED_MAX)
      throw new UsageError(`--limit must be a whole number from 1 to ${LISTED_MAX}.`);
    query.set('limit', String(limit));
    const state = oneOf(options, 'state', DELIVERY_STATES);
    const source = oneOf(options, 'source', SOURCES);
    const hours = hoursOf(options.since);
    if (options.refused) {
      if (state ?? source ?? hours ?? options.store)
        throw new UsageError('--refused stands alone: of what was refused only the count is known.');
      return await listRefused(api, output);
    }
    if (state) query.set('state', state);
    if (source) query.set('source', source);
    if (hours !== undefined) query.set('since', new Date(Date.now() - hours * HOUR_MS).toISOString());
    if (typeof options.store === 'string') query.set('store', options.store);
    const { deliveries } = await api.get<{ deliveries: ListedDelivery[] }>(`/api/deliveries?${query}`);
    if (deliveries.length === 0) output.say('No webhooks.');
    else
      output.table([
        ['id', 'received', 'store', 'source', 'topic', 'state', 'repeats', 'bytes', 'reason'],
        ...deliveries.map((one) => [
          one.id,
          one.receivedAt.slice(0, 19),
          one.store,
          one.source ?? one.endpoint,
          one.via === 'webhook' ? one.topic : `${one.topic} (${one.via})`,
          one.state,
          one.copies,
          one.bytes,
          one.reason ?? '',
        ]),
      ]);
    output.result({ deliveries, count: deliveries.length });
    return EXIT.done;
  },
};

async function listRefused(api: Api, output: Output) {
  const { refused, since } = await api.get<{ refused: Refused[]; since: string }>('/api/deliveries/refused');
  if (refused.length === 0) output.say(`None was refused since ${since.slice(0, 19)}, when the gateway began.`);
  else {
    output.say(`Since ${since.slice(0, 19)}, when the gateway began:`);
    output.table([
      ['endpoint', 'reason', 'refused'],
      ...refused.map((one) => [one.endpoint || '(no such endpoint)', one.reason, one.count]),
    ]);
  }
  output.result({ refused, since });
  return EXIT.done;
}

export const webhooksShow: Command = {
  name: 'webhooks show',
  operands: 'ID',
  about: 'Shows one webhook whole: its headers and body as they came, what became of it, the events that it told.',
  takes: [1, 1],
  examples: ['webhooks show 0199f0c4-7a6e-7e7b-b9ff-0d2c5b1b1f4e'],
  async run({ api, operands, output }) {
    if (!isUuid(operands[0]!)) throw new PermanentError('not-found', 'That is no id of a webhook.');
    const found = await api.get<Omit<WholeDelivery, 'body'> & { body: string; encoding?: 'base64' }>(
      `/api/deliveries/${operands[0]}`,
    );
    const { headers, body, encoding, events, ...rest } = found;
    output.table(Object.entries(rest).map(([name, value]) => [name, value ?? 'none']));
    title('Headers that were kept', output);
    output.table(Object.entries(headers));
    title(events.length > 0 ? 'Events' : 'No events', output);
    output.table(
      events.map(({ seq, type, subject, time, test }) => [
        seq,
        type,
        subject,
        time,
        test ? 'a test: nothing follows' : '',
      ]),
    );
    title(encoding ? 'Body, which is no text, in base64' : 'Body', output);
    output.say(block(body, BODY_SHOWN));
    output.result(found);
    return EXIT.done;
  },
};

function title(text: string, output: Output): void {
  output.say();
  output.say(output.style('bold', text));
}
