import { PermanentError } from '#shared/kernel/errors.ts';
import { block, line } from '#shared/kernel/plain-text.ts';
import type { Api } from '../api.ts';
import { type Command, EXIT, UsageError } from '../command.ts';

interface Letter {
  readonly store: string;
  readonly id: string;
  readonly service: string;
  readonly kind: string;
  readonly ref: string;
  readonly reason: string;
  readonly detail: string;
  readonly at: string;
  readonly redrivenAt: string | null;
}

interface WholeLetter extends Letter {
  readonly raw: unknown;
  readonly body?: string;
}

const LISTED_MAX = 1_000;
const STORE = { store: { type: 'string', value: 'STORE', about: 'of this store only' } } as const;

async function list(api: Api, store: unknown, limit: number, redriven: boolean): Promise<readonly Letter[]> {
  const query = new URLSearchParams({ limit: String(limit), redriven: String(redriven) });
  if (typeof store === 'string') query.set('store', store);
  return (await api.get<{ deadLetters: Letter[] }>(`/api/dead-letters?${query}`)).deadLetters;
}

export const deadLettersList: Command = {
  name: 'dead-letters list',
  about: 'Shows what could not be processed, newest first, with the reason.',
  takes: [0, 0],
  options: {
    ...STORE,
    limit: { type: 'string', value: 'N', about: `at most so many, up to ${LISTED_MAX}  [100]` },
    redriven: { type: 'boolean', about: 'those that were redriven already, too' },
  },
  examples: ['dead-letters list', 'dead-letters list --store sandbox --limit 20 --json'],
  async run({ api, options, output }) {
    const limit = Number(options.limit ?? 100);
    if (!Number.isInteger(limit) || limit < 1 || limit > LISTED_MAX)
      throw new UsageError(`--limit must be a whole number from 1 to ${LISTED_MAX}.`);
    const letters = await list(api, options.store, limit, options.redriven === true);
    if (letters.length === 0) output.say('No dead letters.');
    else
      output.table([
        ['id', 'when', 'store', 'kind', 'reason', 'detail'],
        ...letters.map((one) => [one.id, one.at.slice(0, 19), one.store, one.kind, one.reason, one.detail]),
      ]);
    output.result({ deadLetters: letters, count: letters.length });
    return EXIT.done;
  },
};

/** The whole of one; its store is looked up where it was not named. */
async function show(api: Api, id: string, store: unknown): Promise<WholeLetter> {
  const of =
    typeof store === 'string'
      ? store
      : (await list(api, undefined, LISTED_MAX, true)).find((one) => one.id === id)?.store;
  if (!of) throw new PermanentError('not-found', `No dead letter has the id "${line(id, 80)}".`);
  return api.get(`/api/dead-letters/${encodeURIComponent(of)}/${encodeURIComponent(id)}`);
}

export const deadLettersShow: Command = {
  name: 'dead-letters show',
  operands: 'ID',
  about: 'Shows one dead letter whole, with what was received.',
  takes: [1, 1],
  options: STORE,
  examples: ['dead-letters show 0199f0c4-7a6e-7e7b-b9ff-0d2c5b1b1f4e'],
  async run({ api, operands, options, output }) {
    const letter = await show(api, operands[0]!, options.store);
    const { raw, body, ...rest } = letter;
    output.table(Object.entries(rest).map(([name, value]) => [name, value ?? 'no']));
    output.say();
    output.say(block(body ?? JSON.stringify(raw, null, 2), 20_000));
    output.result(letter);
    return EXIT.done;
  },
};

export const deadLettersRedrive: Command = {
  name: 'dead-letters redrive',
  operands: '[ID...]',
  about: 'Sends what failed through processing again, once its cause has been removed.',
  takes: [0, LISTED_MAX],
  options: { ...STORE, all: { type: 'boolean', about: 'every delivery that failed and was not redriven' } },
  examples: ['dead-letters redrive 0199f0c4-7a6e-7e7b-b9ff-0d2c5b1b1f4e', 'dead-letters redrive --all --store sandbox'],
  async run({ api, operands, options, output }) {
    if (operands.length > 0 === (options.all === true)) throw new UsageError('Name the letters, or say --all.');
    const wanted: Pick<Letter, 'id' | 'store'>[] = [];
    if (options.all) {
      const letters = await list(api, options.store, LISTED_MAX, false);
      wanted.push(...letters.filter((one) => one.kind === 'delivery'));
    } else for (const id of operands) wanted.push(await show(api, id, options.store));
    let redriven = 0;
    const refused: { id: string; why: string }[] = [];
    for (const { store, id } of wanted) {
      try {
        await api.post(`/api/dead-letters/${encodeURIComponent(store)}/${encodeURIComponent(id)}/redrive`);
        redriven++;
        output.say(`${id}  will be processed again`);
      } catch (thrown) {
        if (!(thrown instanceof PermanentError)) throw thrown;
        refused.push({ id, why: thrown.message });
        output.say(`${id}  ${thrown.message}`);
      }
    }
    if (wanted.length === 0) output.say('Nothing to redrive.');
    output.result({ redriven, refused });
    return refused.length > 0 ? EXIT.failed : EXIT.done;
  },
};
