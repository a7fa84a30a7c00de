import { html } from 'hono/html';
import { actionText } from '#shared/kernel/wording.ts';
import type { DecisionFile } from '#shared/store/pages/decision.ts';
import type { StoreView } from '#shared/store/pages/stores.ts';
import { block, clockTime, count, field, fullTime, impactText, line, paramsText, words, zoneName } from './format.ts';
import { type Html, page } from './layout.ts';
import { conflictMeaning, decisionPath, parties, resourceText, verdictTag } from './rows.ts';

/** The inside of a decision: loaded when its row is opened, and a page of its own. */
export function decisionBody(file: DecisionFile, store: StoreView): Html {
  const { decision } = file;
  return html`<div class="file">
${reasons(file)}
${decision.said ? html`<figure class="said"><figcaption>${line(decision.agent, 30)} said</figcaption><blockquote>${block(decision.said, 2_000)}</blockquote></figure>` : ''}
${conflicts(file, store)}
${others(file, store)}
${outcome(file, store)}
${basis(file, store)}
</div>`;
}

export function decisionPage(file: DecisionFile, store: StoreView): Html {
  const { decision } = file;
  return page({
    title: `${decision.agent} ${decision.actionType}`,
    here: 'live',
    body: html`<article class="sheet">
<p class="crumb"><a href="/">Live</a></p>
<h1>${verdictTag(decision.verdict)} ${line(decision.agent, 30)}: ${line(decision.actionType, 40)} ${resourceText(decision.resource)}</h1>
<p class="lead">${paramsText(decision.params, decision.resource, store.currency, store.zone, 8)}</p>
<p class="quiet">${line(store.store, 40)} · ${fullTime(decision.now, store.zone)} ${zoneName(store.zone)} · rule <code class="rule">${line(decision.rule, 80)}</code></p>
${decisionBody(file, store)}
</article>`,
  });
}

function reasons({ decision }: DecisionFile): Html {
  return html`<section><h3>Reasons</h3><ol class="reasons">${decision.reasons.map(
    (reason) =>
      html`<li><code class="rule">${line(reason.rule, 80)}</code> ${line(reason.why, 400)}${reason.detail && reason.detail !== reason.why ? html`<span class="detail">${line(reason.detail, 500)}</span>` : ''}</li>`,
  )}${decision.reasons.length === 0 ? html`<li>Nothing stood against it.</li>` : ''}</ol></section>`;
}

function conflicts(file: DecisionFile, store: StoreView): Html | '' {
  if (file.conflicts.length === 0) return '';
  return html`<section><h3>Conflict</h3><ul class="plain">${file.conflicts.map(
    (conflict) =>
      html`<li><span class="clash">${line(conflict.class, 20)}</span> ${parties(conflict)}<span class="detail">${conflictMeaning(conflict.class)}.${stakeText(conflict.stake, store)}</span></li>`,
  )}</ul></section>`;
}

function stakeText(stake: Readonly<Record<string, unknown>>, store: StoreView): string {
  const text = impactText(stake, store.currency);
  return text === '' ? '' : ` At stake: ${text}.`;
}

/** Competing intents first: those that a conflict of this one names. */
function others(file: DecisionFile, store: StoreView): Html | '' {
  if (file.others.length === 0) return '';
  const rivals = new Set(file.conflicts.flatMap((conflict) => conflict.members.map((member) => member.id)));
  const ordered = [...file.others].sort((a, b) => Number(rivals.has(b.intent)) - Number(rivals.has(a.intent)));
  return html`<section><h3>In the same round</h3><ul class="plain">${ordered.map(
    (other) =>
      html`<li>${verdictTag(other.verdict)} <a href="${decisionPath(other.intent)}"><b class="agent">${line(other.agent, 30)}</b> ${line(other.actionType, 40)}</a> ${resourceText(other.resource)} <span class="params">${paramsText(other.params, other.resource, store.currency, store.zone)}</span>${rivals.has(other.intent) ? html` <span class="clash">competes</span>` : ''}</li>`,
  )}</ul></section>`;
}

function outcome({ action, escalation, decision }: DecisionFile, store: StoreView): Html | '' {
  if (!action && !escalation) return '';
  return html`<section><h3>What came of it</h3><ul class="plain">
${escalation ? html`<li><a href="/escalations/by-id/${encodeURIComponent(escalation.escalation)}">The question to a person</a> is <b>${escalation.state}</b></li>` : ''}
${action ? html`<li>Action <b class="state s-${action.state}">${actionText(action.state, action.reason)}</b> on ${count(action.leaves.length)} ${action.leaves.length === 1 ? 'thing' : 'things'}${action.endedAt ? html`, ended ${clockTime(action.endedAt, store.zone)}` : ''}${action.attempts > 1 ? html`, ${count(action.attempts)} attempts` : ''}${action.action === decision.intent ? '' : html`, merged into <a href="${decisionPath(action.action)}">another intent</a>`}</li>` : ''}
</ul></section>`;
}

function basis(file: DecisionFile, store: StoreView): Html {
  const { decision, round } = file;
  const { facts = [], claims = [] } = decision.inputs;
  return html`<section><h3>What it rests on</h3><dl>
<dt>Event</dt><dd>${line(decision.causeType ?? 'unknown', 60)} ${decision.causeSubject ? resourceText(decision.causeSubject) : ''} <span class="seq">#${count(decision.seq)}</span></dd>
${Object.entries(decision.params).map(([name, value]) => {
  const text = field(name, value, String(decision.params.currency ?? store.currency), store.zone);
  return text === undefined ? '' : html`<dt>${words(name)}</dt><dd>${line(text, 300)}</dd>`;
})}
${facts.length > 0 ? html`<dt>Facts</dt><dd>${facts.slice(0, 12).map(([resource, attribute, version]) => html`<span class="fact">${line(resource, 60)} <b>${line(attribute, 40)}</b> v${version}</span> `)}${facts.length > 12 ? html` and ${count(facts.length - 12)} more` : ''}</dd>` : ''}
${claims.length > 0 ? html`<dt>Claims in force</dt><dd>${claims.slice(0, 6).map((claim) => html`<span class="fact">${line(claim, 120)}</span> `)}</dd>` : ''}
${round ? html`<dt>Round</dt><dd>${round.closedAs ?? 'open'}, ${count(round.answers)} of ${count(round.expected.length)} answered${round.missing.length > 0 ? html`, without ${line(round.missing.join(', '), 200)}` : ''}</dd>` : ''}
<dt>Rule set</dt><dd><code>${String(decision.inputs.ruleSet ?? round?.ruleSet ?? 'unknown').slice(0, 12)}</code></dd>
${decision.replaces ? html`<dt>Replaces</dt><dd><a href="${decisionPath(decision.replaces)}">${line(decision.replaces, 120)}</a></dd>` : ''}
<dt>Intent</dt><dd><code class="id">${decision.intent}</code></dd>
</dl></section>`;
}
