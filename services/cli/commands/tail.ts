import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '#shared/kernel/backoff.ts';
import { TransientError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { type Command, EXIT, type Invocation, UsageError } from '../command.ts';
import type { Output } from '../output.ts';
import { readEvents } from '../sse.ts';
import { VERDICTS, verdictStyle } from '../verdict-style.ts';

type Row = Readonly<Record<string, unknown>>;

interface Frame {
  readonly events: readonly Row[];
  readonly judged: readonly ({ readonly decision: Row } | { readonly conflict: Row })[];
  readonly shown: number;
  readonly of: number;
}

interface Named {
  readonly stores: readonly { readonly store: string }[];
  readonly agents: readonly string[];
}

const RETRY_MS = 500;
const RETRY_MAX_MS = 10_000;
const KINDS = ['events', 'decisions'] as const;

export const tail: Command = {
  name: 'tail',
  about: 'Follows what happens: events, decisions and conflicts, oldest first, until it is stopped.',
  takes: [0, 0],
  options: {
    store: { type: 'string', value: 'STORE', about: 'of this store only' },
    agent: { type: 'string', value: 'AGENT', about: 'decisions of this agent only' },
    verdict: { type: 'string', value: 'VERDICT', about: 'decisions with this verdict only' },
    only: { type: 'string', value: 'KIND', about: 'events, or decisions' },
    count: { type: 'string', value: 'N', about: 'stop after so many lines' },
  },
  examples: ['tail', 'tail --only decisions --agent pricing', 'tail --count 10 --json'],
  async run(invocation) {
    const { options, output } = invocation;
    if (options.only !== undefined && !(KINDS as readonly unknown[]).includes(options.only))
      throw new UsageError('--only must be events or decisions.');
    await checkFilter(invocation);
    // Events and conflicts have neither an agent nor a verdict of their own.
    const narrowed = options.agent !== undefined || options.verdict !== undefined;
    const only = narrowed ? 'only decisions' : options.only;
    const count = options.count === undefined ? Number.POSITIVE_INFINITY : Number(options.count);
    if (!(count > 0)) throw new UsageError('--count must be a whole number above 0.');
    const stopping = new AbortController();
    process.once('SIGINT', () => stopping.abort());
    let told = 0;
    for await (const frame of follow(invocation, stopping.signal)) {
      told += tell(frame, only, count - told, output);
      if (told >= count) break;
    }
    stopping.abort();
    output.result({ ok: true, lines: told });
    return EXIT.done;
  },
};

/** A name that does not exist would be followed for ever, in silence. */
async function checkFilter({ api, options }: Invocation): Promise<void> {
  const { verdict } = options;
  if (verdict !== undefined && !VERDICTS.includes(String(verdict)))
    throw new UsageError(`There is no verdict "${verdict}".${didYouMean(String(verdict), VERDICTS)}`);
  if (options.store === undefined && options.agent === undefined) return;
  const { stores, agents } = await api.get<Named>('/api/status');
  const there = { store: stores.map((row) => row.store), agent: agents };
  for (const [kind, names] of Object.entries(there)) {
    const given = options[kind];
    if (given !== undefined && !names.includes(String(given)))
      throw new UsageError(
        `There is no ${kind} "${given}".${didYouMean(String(given), names)} There are: ${names.join(', ') || 'none yet'}.`,
      );
  }
}

/** Goes on where it was when the connection was lost; the first connection must succeed. */
async function* follow({ api, options, output }: Invocation, signal: AbortSignal): AsyncGenerator<Frame> {
  const query = new URLSearchParams();
  for (const name of ['store', 'agent', 'verdict']) if (options[name]) query.set(name, String(options[name]));
  let position: string | undefined;
  for (let attempt = 0; !signal.aborted; attempt++) {
    if (attempt > 0) {
      output.note('parley: connection lost, trying again');
      await wait(backoffMs(attempt, RETRY_MS, RETRY_MAX_MS, Math.random()), undefined, { signal }).catch(() => {});
    }
    const headers: Record<string, string> = position === undefined ? {} : { 'last-event-id': position };
    let response: Response;
    try {
      response = await api.stream(`/api/live?${query}`, headers, signal);
      if (!response.ok || !response.body)
        throw new TransientError('overloaded', `The gateway answered ${response.status}.`);
    } catch (thrown) {
      if (signal.aborted) return;
      if (attempt === 0) throw thrown;
      continue;
    }
    attempt = 0;
    const events = readEvents(response.body!);
    while (!signal.aborted) {
      // A connection that breaks ends the reading, not the command.
      const next = await events.next().catch(() => undefined);
      if (!next || next.done) break;
      if (next.value.id) position = next.value.id;
      if (next.value.event === 'rows') yield JSON.parse(next.value.data);
    }
  }
}

function tell(frame: Frame, only: unknown, most: number, output: Output): number {
  const rows: { at: number; kind: string; row: Row }[] = [];
  const wanted = frame.judged.filter((judged) => only !== 'only decisions' || 'decision' in judged);
  if (only === undefined || only === 'events')
    for (const row of frame.events) rows.push({ at: Number(row.seq), kind: 'event', row });
  if (only !== 'events')
    for (const judged of wanted)
      rows.push(
        'decision' in judged
          ? { at: Number(judged.decision.seq), kind: 'decision', row: judged.decision }
          : { at: Number(judged.conflict.seq), kind: 'conflict', row: judged.conflict },
      );
  rows.sort((a, b) => a.at - b.at);
  const told = rows.slice(0, most);
  for (const { kind, row } of told) {
    output.say(text(kind, row, output));
    output.result({ kind, ...row });
  }
  if (frame.of > frame.shown) output.note(`parley: showing ${frame.shown} of ${frame.of}`);
  return told.length;
}

function text(kind: string, row: Row, output: Output): string {
  const head = `${String(row.now).slice(0, 19)}  ${line(row.store, 40)} #${row.seq}`;
  if (kind === 'event')
    return `${head}  ${output.style('bold', line(row.type, 40))}  ${line(row.subject, 80)}  ${output.style('dim', line(row.data, 160))}`;
  if (kind === 'conflict') {
    const members = row.members as { agent: string; action: string; resource: string }[];
    return `${head}  ${output.style('red', `${line(row.class, 20)} conflict`)}  ${line(members.map((member) => `${member.agent} ${member.action} ${member.resource}`).join(' against '), 300)}`;
  }
  const verdict = String(row.verdict);
  const [reason] = row.reasons as { detail: string; why: string }[];
  return `${head}  ${output.style(verdictStyle(verdict), verdict.padEnd(9))}  ${line(`${row.agent} ${row.actionType} ${row.resource}`, 160)}  ${line(row.rule, 80)}: ${line(reason?.detail || reason?.why || '', 200)}`;
}
