import { html } from 'hono/html';
import type { ConflictRow, DecisionRow, EventRow } from '#shared/store/pages/feed.ts';
import type { StoreView } from '#shared/store/pages/stores.ts';
import {
  clockTime,
  count,
  dayTime,
  drawnAt,
  fullTime,
  gist,
  impactParts,
  line,
  paramsText,
  shortIds,
  zoneName,
} from './format.ts';
import type { Html } from './layout.ts';

/** Rows of the live page. They are rendered here only: for the first page, and for what the stream adds to it. */

/** Store time as text, with the whole of both clocks for whoever points at it. */
export function when(now: string, wall: string | null | undefined, store: StoreView): Html {
  const text = store.kind === 'live' ? clockTime(now, store.zone) : dayTime(now, store.zone);
  const both = `store clock ${fullTime(now, store.zone)} ${zoneName(store.zone)}${wall ? ` · wall clock ${wall.replace('T', ' ').slice(0, 19)} UTC` : ''}`;
  return html`<time datetime="${now}" title="${both}">${text}</time>`;
}

export function storeTag(store: StoreView, several: boolean): Html | '' {
  return several
    ? html`<span class="store" title="${store.store}">${store.kind === 'replay' ? store.store.slice(0, 11) : line(store.store, 24)}</span>`
    : '';
}

/** `sku:85123A` with its kind kept quiet. */
export function resourceText(resource: string): Html {
  const at = resource.indexOf(':');
  return html`<span class="res"><span class="kind">${line(resource.slice(0, at), 20)}</span>${line(resource.slice(at + 1), 60)}</span>`;
}

const LOUD = new Set([
  'order.cancelled',
  'payment.disputed',
  'shipment.delayed',
  'stock-out.expected',
  'action.failed',
]);

export function eventRow(event: EventRow, store: StoreView, several: boolean): Html {
  const wall = drawnAt(event.id);
  const echo = event.addressee === 'nobody' && isDelivered(event);
  return html`<li class="event ${familyOf(event.type)}${LOUD.has(event.type) ? ' loud' : ''}" data-key="e${event.store}/${event.seq}">
<span class="type">${line(event.type, 40)}</span>
<span class="about">${event.subject === `store:${event.store}` ? '' : resourceText(event.subject)}<span class="gist">${eventGist(event, store)}</span></span>
<span class="side">${echo ? html`<span class="chip" title="The store showing us what we wrote">echo</span>` : ''}${storeTag(store, several)}<span class="seq" title="Place in the store's history">${count(event.seq)}</span>${when(event.now, wall, store)}</span>
</li>`;
}

function familyOf(type: string): string {
  const [kind = ''] = type.split('.');
  if (kind === 'action') return 'of-action';
  if (kind === 'ruling' || kind === 'escalation') return 'of-person';
  return kind === 'intent' || kind === 'claim' || kind === 'answer' || kind === 'rules' || kind === 'schedule'
    ? 'of-coordinator'
    : 'of-store';
}

const DULL = new Set([
  'origin',
  'previous',
  'title',
  'currency',
  'text',
  'name',
  'correlation',
  'handle',
  'customer',
  'location',
  'proposal',
  'answer',
  'intent',
  'action',
  'escalation',
  'leaves',
  'lines',
  'channel',
  'country',
]);

const OURS = new Set(['gateway', 'coordinator', 'executor']);

/** Sources of deliveries are named `<platform>:<topic>`; agents and services have plain names. */
function isDelivered({ source }: EventRow): boolean {
  return source.includes(':');
}

/** At most three of an event's own fields, by their units; an order also says how many lines it has. */
function eventGist(event: EventRow, store: StoreView): string {
  const { data } = event;
  const parts: string[] = [];
  if (!isDelivered(event) && !OURS.has(event.source)) parts.push(`by ${line(event.source, 30)}`);
  if (typeof data.name === 'string' && data.name.startsWith('#')) parts.push(line(data.name, 30));
  if (typeof data.actionType === 'string') return actionGist(data);
  const wanted = (data.proposal as { action?: unknown } | undefined)?.action;
  if (typeof wanted === 'string')
    return [line(`${data.agent ?? ''} ${wanted}`, 80), line(shortIds(String(data.constraint ?? '')), 200)]
      .filter(Boolean)
      .join(' · ');
  if (Array.isArray(data.lines))
    parts.push(`${count(data.lines.length)} ${data.lines.length === 1 ? 'line' : 'lines'}`);
  parts.push(...gist(data, event.subject, store.currency, store.zone, 3, DULL));
  return parts.join(' · ');
}

function actionGist({ actionType, leaves, actionReason, outcome }: EventRow['data']): string {
  const detail = (outcome as { detail?: unknown } | undefined)?.detail;
  return [`${line(actionType, 40)}${leavesText(leaves)}`, line(detail ?? actionReason ?? '', 200)]
    .filter((part) => part !== '')
    .join(' · ');
}

function leavesText(leaves: unknown): string {
  if (!Array.isArray(leaves) || leaves.length === 0) return '';
  return ` on ${line(leaves[0], 60)}${leaves.length > 1 ? ` and ${count(leaves.length - 1)} more` : ''}`;
}

export function verdictTag(verdict: string): Html {
  return html`<span class="verdict v-${verdict}">${verdict}</span>`;
}

export function decisionPath(intent: string): string {
  return `/decisions/${encodeURIComponent(intent)}`;
}

export function decisionRow(decision: DecisionRow, store: StoreView, several: boolean): Html {
  const [first] = decision.reasons;
  const params = paramsText(decision.params, decision.resource, store.currency, store.zone);
  return html`<li class="decision" data-key="d${decision.store}/${decision.intent}">
<details data-src="${decisionPath(decision.intent)}">
<summary>
${verdictTag(decision.verdict)}
<span class="what"><b class="agent">${line(decision.agent, 30)}</b> <span class="act">${line(decision.actionType, 40)}</span> ${resourceText(decision.resource)}${params ? html` <span class="params">${params}</span>` : ''}</span>
<span class="side">${storeTag(store, several)}${when(decision.now, decision.at, store)}</span>
<span class="why"><code class="rule">${line(decision.rule, 60)}</code> ${first ? line(shortIds(first.detail || first.why), 240) : ''}${wakes(decision, store)}${escalationLink(decision)}</span>
</summary>
<div class="more"><p class="quiet"><a href="${decisionPath(decision.intent)}">The whole decision</a></p></div>
</details>
</li>`;
}

function wakes(decision: DecisionRow, store: StoreView): string {
  if (decision.verdict !== 'deferred' || !decision.wakesOn) return '';
  if (decision.wakesOn.startsWith('time:')) return ` · looks again ${dayTime(decision.wakesOn.slice(5), store.zone)}`;
  return ` · waits for ${line(shortIds(decision.wakesOn), 80)}`;
}

function escalationLink(decision: DecisionRow): Html | '' {
  if (decision.verdict !== 'escalated' || !decision.wakesOn) return '';
  return html` <a class="ask" href="/escalations/by-id/${encodeURIComponent(decision.wakesOn)}">the question</a>`;
}

export function conflictRow(conflict: ConflictRow, store: StoreView, several: boolean): Html {
  const [stake] = impactParts(conflict.stake, store.currency);
  return html`<li class="conflict c-${conflict.class}" data-key="c${conflict.store}/${conflict.seq}/${conflict.n}">
<span class="clash" title="${conflictMeaning(conflict.class)}">${line(conflict.class, 20)} conflict</span>
<span class="what">${parties(conflict)}${stake ? html`<span class="stake" title="The largest difference between two outcomes">${stake.text} of ${stake.name} at stake</span>` : ''}</span>
<span class="side">${storeTag(store, several)}${when(conflict.now, conflict.at, store)}</span>
</li>`;
}

export function parties(conflict: ConflictRow): Html {
  const shown = conflict.members.slice(0, 4);
  const resources = [...new Set(conflict.members.map((member) => member.resource))];
  return html`${shown.map(
    (member, index) =>
      html`${index > 0 ? html` <span class="against">against</span> ` : ''}<span class="party"><b class="agent">${line(member.agent, 30)}</b> <span class="act">${line(member.action, 40)}</span></span>`,
  )}${conflict.members.length > shown.length ? html` and ${count(conflict.members.length - shown.length)} more` : ''} <span class="on">on</span> ${resources.slice(0, 2).map((resource) => html`${resourceText(resource)} `)}`;
}

const MEANINGS: Readonly<Record<string, string>> = {
  direct: 'They want the same side of the same thing',
  indirect: 'Together they move one figure, such as the net price',
  implicit: 'Together they ask for more than is left',
  redundant: 'One asks for what the other already does',
  sequence: 'One only makes sense before the other',
  stale: 'Its cause was voided, or the facts that it rests on have moved',
};

export function conflictMeaning(name: string): string {
  return MEANINGS[name] ?? 'They cannot all hold';
}
