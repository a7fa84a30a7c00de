import { setTimeout as wait } from 'node:timers/promises';
import { toParleyError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import type { RulesView } from '#shared/store/pages/rules.ts';
import type { Api } from './api.ts';
import { EXIT, type ExitCode, type Invocation, type OptionSpec, UsageError } from './command.ts';

const WAIT_S = 30;
const WAIT_MAX_S = 600;
const LOOK_MS = 200;

/** A store, where there are several that are not replays. */
export const STORE_OPTION = {
  store: { type: 'string', value: 'STORE', about: 'of this store  [the only one that is not a replay]' },
} as const satisfies Record<string, OptionSpec>;

/** Who asks, why, and how long to wait for what comes of it. */
export const ASK_OPTIONS = {
  ...STORE_OPTION,
  by: { type: 'string', value: 'WHO', about: 'a role or initials, for the history  [operator]' },
  note: { type: 'string', value: 'WHY', about: 'a sentence for the history' },
  wait: { type: 'string', value: 'SECONDS', about: `how long to wait until it has been done  [${WAIT_S}]` },
} as const satisfies Record<string, OptionSpec>;

interface Outcome {
  readonly type: string;
  readonly seq: number;
  readonly data: {
    readonly hash?: string;
    readonly previous?: string;
    readonly pinned?: boolean;
    readonly reason?: string;
  };
}

export const short = (hash: string | null | undefined): string => (hash ? hash.slice(0, 12) : 'none');

export async function readViews(api: Api): Promise<readonly RulesView[]> {
  return (await api.get<{ stores: RulesView[] }>('/api/rules')).stores;
}

/** The store that is meant: the one named, or the only one that is no replay. */
export async function storeMeant(api: Api, named: unknown): Promise<string> {
  if (typeof named === 'string') return named;
  const stores = (await readViews(api)).map(({ store }) => store);
  const live = stores.filter((store) => !store.startsWith('replay-'));
  const [only] = live.length > 0 ? live : stores;
  if (only === undefined) throw new UsageError('There is no store yet.');
  if ((live.length > 0 ? live : stores).length > 1)
    throw new UsageError(`Name the store with --store: ${stores.join(', ')}.`);
  return only;
}

/** Asks the coordinator for something, waits for what comes of it and tells it; `asked` is the request's own place in the store's history. */
export async function askFor(
  { api, options, output }: Invocation,
  request: { readonly want: string; readonly hash?: string | undefined },
  say: (outcome: Outcome, store: string, asked: number) => string,
): Promise<ExitCode> {
  const patience = Number(options.wait ?? WAIT_S);
  if (!Number.isInteger(patience) || patience < 0 || patience > WAIT_MAX_S)
    throw new UsageError(`--wait must be a whole number of seconds from 0 to ${WAIT_MAX_S}.`);
  const store = await storeMeant(api, options.store);
  const body = { ...request, by: String(options.by ?? 'operator'), ...(options.note ? { note: options.note } : {}) };
  let asked: { readonly request: string; readonly seq: number };
  try {
    asked = await api.post(`/api/rules/${encodeURIComponent(store)}/requests`, body);
  } catch (thrown) {
    const error = toParleyError(thrown);
    if (error.reason !== 'nothing-new') throw thrown;
    output.say(error.message);
    output.result({ ok: true, changed: false, store, message: error.message });
    return EXIT.done;
  }
  const outcome = await waitFor(api, store, asked.request, patience);
  if (!outcome) {
    const message = `Asked for as event ${asked.seq} of ${store}; the coordinator has not come to it within ${patience} s. It will, in its place: see "parley rules status".`;
    output.say(message);
    output.result({ ok: false, changed: false, store, seq: asked.seq, message });
    return EXIT.failed;
  }
  const ok = outcome.type !== 'rules.refused';
  const message = ok ? say(outcome, store, asked.seq) : `Not done: ${line(outcome.data.reason, 500)}`;
  output.say(message);
  output.result({ ok, changed: ok, store, seq: outcome.seq, ...outcome.data, message });
  return ok ? EXIT.done : EXIT.failed;
}

async function waitFor(api: Api, store: string, request: string, seconds: number): Promise<Outcome | undefined> {
  const path = `/api/rules/${encodeURIComponent(store)}/requests/${request}`;
  for (const end = Date.now() + seconds * 1_000; ; await wait(LOOK_MS)) {
    const { outcome } = await api.get<{ outcome: Outcome | null }>(path);
    if (outcome) return outcome;
    if (Date.now() >= end) return undefined;
  }
}
