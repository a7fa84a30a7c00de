import type { Envelope } from '#shared/contracts/envelope.ts';
import type { FactChange } from '#shared/contracts/events/define.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import type { Fact } from '#shared/contracts/facts.ts';
import { type ResourceKey, resourceKey } from '#shared/contracts/resource.ts';
import { tallied } from '#shared/contracts/tally.ts';
import type { Instant } from '#shared/kernel/time.ts';
import { AGENTS } from '#shared/policy/vocabulary.ts';
import type { Before } from '../effects.ts';
import { FIRST_VERSION, factKey } from './facts.ts';
import { asContractWants, isRequired, type Place, readFields } from './fields.ts';
import type { Stage } from './stage.ts';
import { readTime, type Terms } from './values.ts';

/** What happened, where a case does not say it: the agents look over their field. */
const USUAL = { 'schedule.due': 'schedule:daily-review' } as const;

/** What the rules did not leave for a step to be about: the case comes out otherwise than it says, and is no fault of the file. */
export interface Missing {
  readonly expected: string;
  readonly got: string;
}

/** `on: { order.cancelled: order:563185 }`, `on: { action.done: pricing }`, `on: { ruling.given: proposed, by: Tess }`. */
export function readEvent(
  written: Readonly<Record<string, unknown>> | undefined,
  seq: number,
  stage: Stage,
  terms: Terms,
  place: Place,
): Envelope | { readonly missing: Missing } | undefined {
  const entries = Object.entries(written ?? USUAL);
  const named = entries.filter(([key]) => key.includes('.'));
  const [name, about] = named[0] ?? [];
  const type = EVENT_TYPES.get(name ?? '');
  if (name === undefined || named.length !== 1 || !type) {
    const guess = name === undefined ? undefined : { name, known: [...EVENT_TYPES.keys()] };
    const words =
      name === undefined ? 'name one event, such as order.cancelled: order:563185' : `unknown event "${name}".`;
    place.source.report(name === undefined ? { path: place.path } : { path: place.path, key: name }, words, guess);
    return undefined;
  }
  const { time, ...rest } = Object.fromEntries(entries.filter(([key]) => key !== name));
  const { shape } = type.data;
  const subject = subjectOf(name, String(about), stage);
  if ('fault' in subject) {
    place.source.report({ path: [...place.path, name] }, subject.fault, subject.guess);
    return undefined;
  }
  if ('missing' in subject) return subject;
  const data = {
    ...usualData(shape, terms),
    ...asContractWants(readFields(rest, Object.keys(shape), terms, place), shape),
    ...subject.data,
  };
  const parsed = type.data.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    place.source.report({ path: place.path }, `${name}: ${issue?.path.join('.')}: ${issue?.message}`);
    return undefined;
  }
  const at = time === undefined ? terms.now : readTime(String(time), terms);
  if (at === undefined) place.source.report({ path: [...place.path, 'time'] }, `"${String(time)}" is not a time`);
  return envelope(name, subject.key, seq, at ?? terms.now, terms.now, parsed.data as Envelope['data']);
}

export function envelope(
  type: string,
  subject: ResourceKey,
  seq: number,
  time: Instant,
  now: Instant,
  data: Envelope['data'],
): Envelope {
  const id = `00000000-0000-7000-8000-${String(seq).padStart(12, '0')}`;
  const source = 'case';
  return {
    ...{ specversion: '1.0', id, source, type, subject, time, store: 'shop', seq, now, correlationid: id },
    ...{ depth: 0, dataversion: 1, data },
  } as Envelope;
}

type Subject =
  | { readonly key: ResourceKey; readonly data?: Readonly<Record<string, unknown>> }
  | { readonly missing: Missing }
  | { readonly fault: string; readonly guess?: { readonly name: string; readonly known: readonly string[] } };

/** What the event is about: a resource, or an agent's action, or the question that is open. */
function subjectOf(type: string, about: string, stage: Stage): Subject {
  if (type.startsWith('action.')) return actionOf(type, about, stage);
  if (type === 'ruling.given' || type === 'escalation.due') {
    const [open] = stage.escalations.values();
    if (!open) return { missing: { expected: 'a question that is open', got: 'nobody is asked' } };
    const said = type === 'ruling.given' ? { option: about } : { purpose: about };
    return { key: 'escalation:open', data: { escalation: open.escalation, ...said } };
  }
  const key = resourceKey.safeParse(about);
  return key.success ? { key: key.data } : { fault: `"${about}" is nothing that ${type} can be about here` };
}

function actionOf(type: string, agent: string, stage: Stage): Subject {
  const played = stage.actions.findLast((one) => one.agent === agent && one.state !== 'revoked');
  if (!played && !(AGENTS as readonly string[]).includes(agent))
    return { fault: `unknown agent "${agent}".`, guess: { name: agent, known: AGENTS } };
  if (!played) {
    const end = type.slice('action.'.length);
    return { missing: { expected: `an action of ${agent} that is ${end}`, got: `${agent} has no action that stands` } };
  }
  const leaves = [...stage.claims.values()].filter((claim) => claim.action === played.action);
  const data = { action: played.action, actionType: played.type, agent, leaves: leaves.map((claim) => claim.resource) };
  return { key: 'store:shop', data };
}

/** Fields of events that seldom matter to a case. */
function usualData(shape: Readonly<Record<string, never>> | object, terms: Terms): Record<string, unknown> {
  const usual: Record<string, unknown> = {
    ...{ currency: terms.currency, lines: [], restocked: true, cancelReason: 'customer', totalMinor: 0, minor: 0 },
    ...{
      fulfilment: 'F1',
      carrier: 'Post',
      complete: true,
      competitor: 'Gifts & Co',
      by: 'Tess',
      name: 'daily-review',
    },
    ...{ discountBasisPoints: 0, skus: [], startsAt: terms.now, endsAt: terms.now, audience: 'none', tags: [] },
    ...{ dispute: 'D1', state: 'open', level: 'high', signals: [], refund: 'R1', title: 'Article', product: '1' },
    ...{ variant: '1', inventoryItem: '1', lifecycle: 'active', channel: 'mail', topic: 'question', units: 1 },
    ...{ cause: 'damaged', views: 0, baselineViews: 0, windowMinutes: 60, estimatedAt: terms.now, delayDays: 1 },
  };
  const wanted = Object.entries(shape).filter(([key, schema]) => key in usual && isRequired(schema));
  return Object.fromEntries(wanted.map(([key]) => [key, usual[key]]));
}

/** Aspects of a SKU that nobody but people and our own actions move. */
const PEOPLE_MOVE = new Set(['price', 'lifecycle']);

/** Folds what the event says into the facts, and says what it changed of what people set. */
export function foldEvent(event: Envelope, stage: Stage): Before | undefined {
  let before: Before | undefined;
  for (const change of EVENT_TYPES.get(event.type)?.facts?.(event) ?? []) {
    const old = stage.facts.get(factKey(change.resource, change.attribute));
    const value = folded(change, old?.value);
    if (value === undefined) continue;
    if (old && change.resource === event.subject && PEOPLE_MOVE.has(change.attribute))
      before = { attribute: change.attribute, was: old.value, is: value };
    const version = (old?.version ?? FIRST_VERSION - 1) + 1;
    stage.put([{ resource: change.resource, attribute: change.attribute, value, version, time: event.time } as Fact]);
  }
  return before;
}

/** Levels, sums and sets; how stock moves day by day is given as facts. */
function folded(change: FactChange, old: unknown): unknown {
  if (change.fold === 'level') return change.value;
  if (change.fold === 'count') return Number(old ?? 0) + change.by;
  if (change.fold === 'tally') return tallied(old, change.key, change.by);
  if (change.fold === 'collect') return { ...(old as object), [change.key]: change.value };
  if (change.fold !== 'drop') return undefined;
  const { [change.key]: _, ...rest } = (old ?? {}) as Record<string, unknown>;
  return rest;
}
