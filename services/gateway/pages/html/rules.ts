import { html } from 'hono/html';
import type { RulesView } from '#shared/store/pages/rules.ts';
import type { StoreView } from '#shared/store/pages/stores.ts';
import { count, drawnAt, line } from './format.ts';
import type { Html } from './layout.ts';
import { when } from './rows.ts';

const FAULTS_SHOWN = 5;

/** Which rules are in force, what waits in the folder and what is wrong with it, once for all stores of which the same is true. */
export function rulesBlock(rules: readonly RulesView[], stores: readonly StoreView[]): Html {
  const alike = new Map<string, RulesView[]>();
  for (const view of rules) alike.set(likeness(view), [...(alike.get(likeness(view)) ?? []), view]);
  const groups = [...alike.values()];
  if (groups.every(([view]) => !view?.inForce))
    return html`<p class="rules">No rule set is in force yet</p>${groups.map(faultsOf)}`;
  return html`${groups.map(
    (views) =>
      html`<div class="rules">${groups.length > 1 ? html`<p class="small">${views.map(({ store }) => line(store, 40)).join(', ')}</p>` : ''}${states(views[0]!, stores)}</div>${faultsOf(views)}`,
  )}`;
}

function likeness({ inForce, candidate, pinned, shadow, refused }: RulesView): string {
  return [inForce?.hash, candidate?.hash, candidate?.faults.join('\n'), pinned, shadow?.hash, refused?.reason].join(
    '\n',
  );
}

function states(view: RulesView, stores: readonly StoreView[]): Html {
  const { inForce, shadow, refused } = view;
  const store = stores.find((row) => row.store === view.store);
  const since =
    inForce && store
      ? html` <span class="small">${inForce.how === 'first' ? 'from the start' : html`since ${when(inForce.now, drawnAt(inForce.id), store)}, ${how(inForce.how, inForce.by)}`}</span>`
      : '';
  return html`<p>Rules ${inForce ? code(inForce.hash) : 'none yet'}${since}${view.pinned ? html` <span class="chip">pinned</span>` : ''}</p>
${waiting(view)}
${shadow ? html`<p class="tried">Trying ${code(shadow.hash)} beside them: ${count(shadow.rounds)} rounds, ${count(shadow.different)} of ${count(shadow.decisions)} decisions would differ${shadow.faults > 0 ? html`, <b>${count(shadow.faults)} faults</b>` : ''}. <span class="small">npx parley rules shadow report</span></p>` : ''}
${refused ? html`<p class="refused">Asked for and not done: ${line(refused.want, 20)}. ${line(refused.reason, 400)}</p>` : ''}`;
}

function waiting({ inForce, candidate, pinned }: RulesView): Html | '' {
  if (!candidate?.hash || candidate.faults.length > 0 || candidate.hash === inForce?.hash) return '';
  return pinned
    ? html`<p class="waits">The folder is ahead with ${code(candidate.hash)}. <span class="small">npx parley rules activate</span></p>`
    : html`<p class="waits">${code(candidate.hash)} is saved and waits. <span class="small">npx parley rules activate</span></p>`;
}

/** The same set of files is faulty for all stores that read it: told once. */
function faultsOf(views: readonly RulesView[]): Html | '' {
  const faults = views[0]?.candidate?.faults ?? [];
  if (faults.length === 0) return '';
  const stays = views[0]?.inForce ? 'the last good rules stay in force' : 'nothing is decided before it is right';
  const more = faults.length - FAULTS_SHOWN;
  return html`<div class="alarm" role="alert"><b>A rule file has a fault; ${stays}.</b><ul>${faults
    .slice(0, FAULTS_SHOWN)
    .map(
      (text) => html`<li><code>${line(text, 400)}</code></li>`,
    )}</ul>${more > 0 ? html`<p>and ${count(more)} more: npx parley rules check</p>` : ''}</div>`;
}

const HOW: Readonly<Record<string, string>> = {
  repair: 'taken because the one before cannot be read any more',
  'on-save': 'saved',
};

function how(name: string | null, by: string): string {
  if (name === 'activate') return `activated by ${line(by, 40)}`;
  if (name === 'rollback') return `rolled back by ${line(by, 40)}`;
  return HOW[name ?? ''] ?? line(by, 40);
}

const code = (hash: string) => html`<code title="${hash}">${hash.slice(0, 12)}</code>`;
