import { html } from 'hono/html';
import { formatMoney } from '#shared/kernel/money.ts';
import { areaText } from '#shared/kernel/wording.ts';
import type { EscalationRow, Stake } from '#shared/store/pages/escalations.ts';
import type { RulesView } from '#shared/store/pages/rules.ts';
import type { StoreView } from '#shared/store/pages/stores.ts';
import type { Totals } from '#shared/store/pages/totals.ts';
import { clockTime, count, distance, fullTime, line, measureName, VERDICTS, zoneName } from './format.ts';
import type { Html } from './layout.ts';
import { rulesBlock } from './rules.ts';

/** The top of the live page: figures, what waits for people, services and rules. */

export interface ServiceState {
  readonly name: string;
  readonly state: 'up' | 'restarting' | 'down' | 'awaited';
  readonly restarts: number;
}

export interface StatusView {
  readonly stores: readonly StoreView[];
  readonly totals: readonly Totals[];
  readonly open: readonly EscalationRow[];
  readonly services: readonly ServiceState[];
  readonly rules: readonly RulesView[];
}

const sumOf = (list: readonly Totals[], pick: (totals: Totals) => number) =>
  list.reduce((sum, totals) => sum + pick(totals), 0);

export function totalsBlock({ totals }: StatusView): Html {
  const verdicts = VERDICTS.map((name) => ({ name, n: sumOf(totals, (entry) => entry.verdicts[name] ?? 0) }));
  const decided = verdicts.reduce((sum, entry) => sum + entry.n, 0);
  const action = (state: string) => sumOf(totals, (entry) => entry.actions[state] ?? 0);
  const open = sumOf(totals, (entry) => entry.escalationsOpen);
  const dead = sumOf(totals, (entry) => entry.deadLetters);
  return html`
<div class="tile"><h2>Events</h2><p class="big">${count(sumOf(totals, (entry) => entry.events))}</p><p class="small">${count(sumOf(totals, (entry) => entry.rounds))} rounds judged</p></div>
<div class="tile wide"><h2>Decisions</h2><p class="big">${count(decided)}</p>${bar(verdicts, decided)}<ul class="legend">${verdicts.map(
    ({ name, n }) => html`<li class="v-${name}${n === 0 ? ' none' : ''}">${name} <b>${count(n)}</b></li>`,
  )}</ul></div>
<div class="tile"><h2>Conflicts</h2><p class="big">${count(sumOf(totals, (entry) => entry.conflicts))}</p><p class="small">found and settled</p></div>
<div class="tile${open > 0 ? ' asks' : ''}"><h2>For people</h2><p class="big">${count(open)}</p><p class="small">${open === 0 ? 'no question open' : html`<a href="/escalations">open ${open === 1 ? 'question' : 'questions'}</a>`}</p></div>
<div class="tile"><h2>Actions</h2><p class="big">${count(action('done'))}</p><p class="small">${actionsText(action)}</p></div>
${dead > 0 ? html`<p class="alarm" role="status">${count(dead)} dead ${dead === 1 ? 'letter' : 'letters'}: <code>npx parley dead-letters list</code></p>` : ''}`;
}

function actionsText(action: (state: string) => number): string {
  const rest = (['pending', 'calling', 'unknown', 'failed', 'revoked', 'watched'] as const)
    .map((state) => ({ state, n: action(state) }))
    .filter(({ n }) => n > 0)
    .map(({ state, n }) => `${count(n)} ${state}`);
  return ['done', ...rest].join(' · ');
}

/** A bar of shares without inline styles: widths are attributes of rectangles. */
function bar(parts: readonly { readonly name: string; readonly n: number }[], total: number): Html {
  let x = 0;
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${
    total === 0
      ? html`<rect class="empty" x="0" y="0" width="1000" height="10"></rect>`
      : parts.map(({ name, n }) => {
          const width = (n / total) * 1_000;
          const rect = html`<rect class="v-${name}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="10"></rect>`;
          x += width;
          return n === 0 ? '' : rect;
        })
  }</svg>`;
}

export function waitingBlock({ open, stores }: StatusView): Html | '' {
  const waiting = open.filter((entry) => entry.state === 'open');
  if (waiting.length === 0) return '';
  return html`<h2>Waiting for a person</h2><ul>${waiting
    .slice(0, 4)
    .map(
      (entry) =>
        html`<li><a href="/escalations/by-id/${encodeURIComponent(entry.escalation)}"><b>${line(entry.question.title, 160)}</b></a><span class="small">${stakeText(entry.stake, entry.currency)}${entry.tier ? ` ${entry.mails === 0 ? 'nobody was mailed, for' : 'asked of'} ${line(entry.tier, 40)} · ` : ''}<span title="${fullTime(entry.deadline, entry.zone)} ${zoneName(entry.zone)}">deadline ${distance(entry.deadline, entry.clock)}</span>${stores.length > 1 ? ` · ${line(entry.store, 24)}` : ''}</span></li>`,
    )}</ul>${waiting.length > 4 ? html`<p class="small"><a href="/escalations">${count(waiting.length - 4)} more</a></p>` : ''}`;
}

export function stakeText(stake: Stake | null | undefined, currency: string): string {
  if (!stake || typeof stake.amount !== 'number' || !stake.measure) return '';
  const amount = stake.measure.endsWith('Minor')
    ? formatMoney(Math.round(stake.amount), stake.currency ?? currency)
    : count(stake.amount);
  return `${amount}${stake.measure.endsWith('Minor') ? ` of ${measureName(stake.measure)}` : ` ${measureName(stake.measure)}`} at stake · `;
}

/** A store that watches may still act in what was opened of it. */
function modeText({ mode, openings }: StoreView): Html | '' {
  if (mode === 'live') return '';
  if (mode === 'removed') return html`removed · `;
  if (openings.length === 0) return html`watching only · `;
  const areas = openings.map(areaText).join(', ');
  return html`watching, <span title="${line(areas, 400)}">${count(openings.length)} ${openings.length === 1 ? 'area' : 'areas'} open</span> · `;
}

export function clocksBlock({ stores }: StatusView): Html {
  return html`${stores.map(
    (store) =>
      html`<span class="shop"><b>${line(store.store, 40)}</b> <span class="small">${modeText(store)}${store.kind === 'live' ? clockTime(store.clock, store.zone) : fullTime(store.clock, store.zone)} ${zoneName(store.zone)}${store.kind === 'replay' ? ' · replayed' : ''}</span></span>`,
  )}`;
}

export function servicesBlock({ services, rules, stores }: StatusView): Html {
  const up = services.filter(({ state }) => state === 'up').length;
  return html`<p class="brief">${count(up)} of ${count(services.length)} services up</p><ul class="services" aria-label="Services">${services.map(
    ({ name, state, restarts }) =>
      html`<li class="is-${state}" title="${name} is ${state}${restarts > 0 ? `, restarted ${restarts} times` : ''}">${name}${state === 'up' ? '' : html` <span class="small">${state}</span>`}</li>`,
  )}</ul>
${rulesBlock(rules, stores)}`;
}
