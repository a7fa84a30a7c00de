import { html, raw } from 'hono/html';
import type { EscalationOption, EscalationRow, readCarriedOut } from '#shared/store/pages/escalations.ts';
import {
  block,
  count,
  distance,
  fullTime,
  impactParts,
  impactText,
  line,
  paramsText,
  words,
  zoneName,
} from '../html/format.ts';
import { type Html, page } from '../html/layout.ts';
import { conflictMeaning, resourceText } from '../html/rows.ts';
import { stakeText } from '../html/summary.ts';

export type CarriedOut = Awaited<ReturnType<typeof readCarriedOut>>;

interface QuestionPage {
  readonly escalation: EscalationRow;
  readonly carriedOut: CarriedOut;
  /** Where the answer goes; without it the page only shows. */
  readonly answerPath?: string;
  readonly here?: 'escalations';
  /** What just happened, above everything else. */
  readonly banner?: Html;
}

/** Seconds after which a page whose answer is on its way looks again. */
const AGAIN_SECONDS = 2;

export const NOTE_MAX = 2_000;

/** The question, its options, and everything a person needs to answer it; or what came of it. */
export function questionPage(options: QuestionPage): Html {
  const { escalation, answerPath, here, banner } = options;
  const { question } = escalation;
  const waiting =
    escalation.state === 'answered' || options.carriedOut.some((row) => /pending|calling/.test(row.state));
  return page({
    title: line(question.title, 120),
    ...(here ? { here } : {}),
    ...(waiting && escalation.state !== 'open' ? { again: AGAIN_SECONDS } : {}),
    body: html`<article class="sheet question">
${here ? html`<p class="crumb"><a href="/escalations">Escalations</a></p>` : ''}
${banner ?? ''}
<p class="quiet">${line(escalation.store, 40)} asks ${line(escalation.tier, 40)}${question.class ? html` · <span class="clash" title="${conflictMeaning(question.class)}">${line(question.class, 20)} conflict</span>` : ''}</p>
<h1>${line(question.title, 300)}</h1>
${question.summary ? html`<p class="lead">${line(question.summary, 500)}</p>` : ''}
${question.why ? html`<p class="quiet">Rule <code class="rule">${line(escalation.rule, 80)}</code> ${line(question.why, 400)}</p>` : ''}
${escalation.state === 'open' ? deadlineText(escalation) : outcomeOf(options)}
${escalation.state === 'open' && escalation.mails === 0 ? html`<p class="small">Nobody was mailed: who would be asked has had the day's mails (<code>maxMails</code>).</p>` : ''}
${optionsPart(escalation, answerPath)}
${agentsPart(escalation)}
${likeCases(escalation)}
<p class="fine">Question <code class="id">${escalation.escalation}</code> · what is shown has the digest <code class="id">${escalation.digest.slice(0, 16)}</code></p>
</article>`,
  });
}

function deadlineText(escalation: EscalationRow): Html {
  const { deadline, clock, zone, defaultOption } = escalation;
  const chosen = escalation.options.find((option) => option.id === defaultOption);
  return html`<p class="deadline"><b>${stakeText(escalation.stake, escalation.currency)}answer by ${fullTime(deadline, zone)}</b> ${zoneName(zone)} time, ${distance(deadline, clock)}. Without an answer: <b>${line(chosen?.label ?? defaultOption, 200)}</b>.</p>`;
}

function optionsPart(escalation: EscalationRow, answerPath: string | undefined): Html {
  const open = escalation.state === 'open' && answerPath !== undefined;
  const list = html`<div class="options">${escalation.options.map((option) => optionCard(option, escalation, open))}</div>`;
  if (!open) return html`<section><h2>The options</h2>${list}</section>`;
  return html`<section><h2>Decide</h2>
<form method="post" action="${answerPath}">
<input type="hidden" name="digest" value="${escalation.digest}">
${list}
<label class="note">A note, if you like <span class="small">kept with the decision</span><textarea name="note" rows="2" maxlength="${NOTE_MAX}"></textarea></label>
<div class="send"><button class="primary">Decide</button><span class="small">One answer counts. It is judged once more on the facts of that moment; if they have changed you are asked anew.</span></div>
</form></section>`;
}

function optionCard(option: EscalationOption, escalation: EscalationRow, open: boolean): Html {
  const figures = impactParts(option.impact, escalation.currency);
  const isDefault = option.id === escalation.defaultOption;
  const chosen = escalation.ruling?.option === option.id;
  const inside = html`<span class="option-head"><span class="option-kind">${kindName(option.id)}</span>${isDefault ? html`<span class="chip">without an answer</span>` : ''}${chosen ? html`<span class="chip chosen">chosen</span>` : ''}</span>
${optionSteps(option, escalation)}
${option.effect && figures.length === 0 ? html`<span class="small">${line(option.effect, 400)}</span>` : ''}
${figures.length > 0 ? html`<span class="figures">${figures.map((figure) => html`<span><b>${figure.text}</b> ${figure.name}</span>`)}</span>` : ''}`;
  if (!open) return html`<div class="option${chosen ? ' is-chosen' : ''}">${inside}</div>`;
  return html`<label class="option"><input type="radio" name="option" value="${option.id}" required>${inside}</label>`;
}

/** What this option would do, step by step, with the figures that it would use: they may differ from what was asked for. */
function optionSteps(option: EscalationOption, { memberIds, question, currency, zone }: EscalationRow): Html | Html[] {
  const steps = option.intents.flatMap(({ intent, params }) => {
    const wish = question.agents?.[memberIds.indexOf(intent)];
    if (!wish) return [];
    const text = paramsText(params ?? wish.params ?? {}, wish.resource, currency, zone, 4);
    return [
      html`<span class="option-label"><b class="agent">${line(wish.agent, 30)}</b> ${line(wish.action, 40)} ${resourceText(wish.resource)} <span class="params">${text}</span></span>`,
    ];
  });
  return steps.length > 0 ? steps.slice(0, 10) : html`<span class="option-label">${line(option.label, 400)}</span>`;
}

const KINDS: Readonly<Record<string, string>> = {
  proposed: 'As proposed',
  adjusted: 'Adjusted to fit the rules',
  alternative: 'The other way round',
  nothing: 'Nothing',
};

function kindName(id: string): string {
  return KINDS[id] ?? words(id);
}

/** What an agent wrote is its own words, quoted: plain text, apart from ours. */
function agentsPart({ question, currency, zone }: EscalationRow): Html | '' {
  const agents = question.agents ?? [];
  if (agents.length === 0) return '';
  return html`<section><h2>Who wants what</h2>${agents.slice(0, 20).map((entry) => {
    const projected = impactText(entry.impact, currency);
    return html`<div class="wish"><p><b class="agent">${line(entry.agent, 30)}</b> <span class="act">${line(entry.action, 40)}</span> ${resourceText(entry.resource)} <span class="params">${paramsText(entry.params ?? {}, entry.resource, currency, zone, 6)}</span></p>
${projected === '' ? '' : html`<p class="small">Projected from facts: ${projected}</p>`}
${entry.reason ? html`<figure class="said"><figcaption>In the agent's own words</figcaption><blockquote>${block(entry.reason, NOTE_MAX)}</blockquote></figure>` : ''}</div>`;
  })}${(question.standing ?? []).map(
    (entry) =>
      html`<div class="wish"><p><b class="agent">${line(entry.agent, 30)}</b> <span class="act">${line(entry.action, 40)}</span> ${resourceText(entry.resource)} <span class="params">was granted before and stands</span></p></div>`,
  )}</section>`;
}

/** Rulings on like questions: those that went the same way stand in one line. */
function likeCases({ question, zone }: EscalationRow): Html | '' {
  const ways = Map.groupBy(question.likeCases ?? [], (entry) => `${entry.option} ${entry.by}`);
  if (ways.size === 0) return '';
  return html`<section><h2>Like cases before</h2><ul class="plain">${[...ways.values()].slice(0, 10).map((cases) => {
    const last = cases.reduce((a, b) => (String(a.at) > String(b.at) ? a : b));
    const times = cases.length > 1 ? `${count(cases.length)} times, last ` : '';
    const chose = typeof last.chose === 'string' ? html` (${line(last.chose, 120)})` : '';
    const alike = typeof last.alike === 'string' ? html` · ${line(last.alike, 160)}` : '';
    return html`<li><b>${line(kindName(String(last.option ?? '')), 80)}</b>${chose} <span class="small">${byWhom(String(last.by ?? ''))} · ${times}${typeof last.at === 'string' ? fullTime(last.at, zone) : ''}${alike}</span></li>`;
  })}</ul></section>`;
}

/** What came of the question, as far as it has come. */
function outcomeOf({ escalation, carriedOut }: QuestionPage): Html {
  const { ruling, zone } = escalation;
  const chosen = escalation.options.find((option) => option.id === ruling?.option);
  return html`<section class="outcome is-${escalation.state}" role="status"><h2>${outcomeTitle(escalation)}</h2>
${ruling ? html`<p>${byWhom(ruling.by)}: <b>${line(chosen?.label ?? kindName(ruling.option), 300)}</b> <span class="small">${fullTime(ruling.now, zone)} ${zoneName(zone)}</span></p>` : ''}
${ruling?.note ? html`<figure class="said"><figcaption>The note</figcaption><blockquote>${block(ruling.note, NOTE_MAX)}</blockquote></figure>` : ''}
${carriedOut.length > 0 ? html`<ul class="plain">${carriedOut.map((row) => html`<li><b class="state s-${row.state}">${row.state}</b> <b class="agent">${line(row.agent, 30)}</b> ${line(row.type, 40)} ${row.leaves.map((leaf) => html`${resourceText(leaf)} `)}${row.reason ? html`<span class="small">${line(row.reason, 200)}</span>` : ''}</li>`)}</ul>` : ''}
</section>`;
}

function byWhom(by: string): string {
  if (by === 'default') return 'By default, because nobody answered in time';
  if (by === 'superseded') return 'Overtaken by a more important intent';
  if (by === 'voided') return 'Its cause fell away';
  return `Decided by ${line(by, 80)}`;
}

function outcomeTitle({ state, ruling }: EscalationRow): string {
  switch (state) {
    case 'open':
      return 'Open';
    case 'answered':
      return 'Received. It is being judged on the facts of now.';
    case 'ruled':
      return ruling?.by === 'default' ? 'The deadline passed' : 'Decided';
    case 'replaced':
      return 'The facts had changed: the question was put anew, and a new mail is on its way';
    case 'superseded':
      return 'Overtaken';
    case 'voided':
      return 'No longer needed';
  }
}

/** The list on the operator's listener. */
export function escalationsPage(open: readonly EscalationRow[], ended: readonly EscalationRow[]): Html {
  return page({
    title: 'Escalations',
    here: 'escalations',
    body: html`<div class="sheet"><h1>Questions to people</h1>
<section><h2>Open <span class="small">${count(open.length)}</span></h2>
${open.length === 0 ? html`<p class="quiet">Nothing waits for a person. Rules of the kind <code>threshold</code> in <code>rules/</code> say when one is asked.</p>` : html`<ul class="cards">${open.map(card)}</ul>`}</section>
${ended.length === 0 ? '' : html`<section><h2>Ended</h2><ul class="cards">${ended.map(card)}</ul></section>`}
</div>`,
  });
}

function card(escalation: EscalationRow): Html {
  const { ruling, zone } = escalation;
  const when =
    escalation.state === 'open'
      ? `deadline ${fullTime(escalation.deadline, zone)}, ${distance(escalation.deadline, escalation.clock)}`
      : ruling
        ? `${byWhom(ruling.by)}, ${fullTime(ruling.now, zone)}`
        : fullTime(escalation.openedAt, zone);
  return html`<li><a href="/escalations/by-id/${encodeURIComponent(escalation.escalation)}"><b>${line(escalation.question.title, 200)}</b></a> ${raw(`<span class="chip is-${escalation.state}">`)}${escalation.state}</span><span class="small">${stakeText(escalation.stake, escalation.currency)}${line(escalation.store, 40)} · ${when}</span></li>`;
}
