import { html, raw } from 'hono/html';
import { DateTime } from 'luxon';
import { measureName, paramsText } from '#shared/kernel/wording.ts';
import type { Options, Question } from './question.ts';

/** All that a mail to a person who decides is made of. */
export interface Asking {
  readonly question: Question;
  readonly options: Options;
  readonly defaultOption: string;
  readonly deadline: string;
  readonly zone: string;
  readonly currency: string;
  readonly store: string;
  readonly link: string;
  /** True where the link opens on this machine only. */
  readonly local: boolean;
  readonly reminder: boolean;
  /** Eight hex digits that name the question in subjects and talk. */
  readonly ref: string;
}

export interface WrittenMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What agents say may come from customers or a model: it is quoted, plain, and no longer than this. */
const QUOTE_LENGTH = 2_000;
const LIKE_CASES = 5;
const LEAVES_SHOWN = 10;

const HINT_LOCAL = 'No public address is configured: the link opens only on the machine that Parley runs on.';
const HINT_LINK = 'Opening the link shows the question; nothing is decided until you press a button there.';

/** In the shop's zone, with the zone's name, because the reader may sit in another. */
export function deadlineText(deadline: string, zone: string): string {
  const local = DateTime.fromISO(deadline, { zone });
  return local.isValid ? `${local.setLocale('en-GB').toFormat('ccc d LLL yyyy, HH:mm')} (${zone})` : deadline;
}

/** The subject holds no text from outside: only what Parley itself has made. */
export function subjectOf(asking: Asking): string {
  const kind = asking.reminder ? 'Reminder: a decision is needed' : 'A decision is needed';
  return `[Parley] ${kind} by ${deadlineText(asking.deadline, asking.zone)}, ref ${asking.ref}`;
}

/** Control characters and bidirectional overrides would let a text show what it is not. */
export function inert(text: string, length = QUOTE_LENGTH): string {
  return text
    .replace(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu, (found) => (found === '\n' ? '\n' : ' '))
    .slice(0, length);
}

export function writeQuestion(asking: Asking): WrittenMail {
  return { subject: subjectOf(asking), text: textOf(asking), html: htmlOf(asking) };
}

interface Prepared {
  readonly agents: readonly { readonly head: string; readonly said: string }[];
  readonly options: readonly { readonly label: string; readonly effect: string; readonly isDefault: boolean }[];
  readonly like: readonly string[];
  readonly about: string;
  readonly stake: string;
}

function prepare({ question, options, defaultOption, currency, zone }: Asking): Prepared {
  const shown = question.resources.slice(0, LEAVES_SHOWN).map((each) => inert(each, 100));
  const more = question.resources.length - shown.length;
  return {
    agents: [...question.agents, ...question.standing.map(asGranted)].map(
      ({ agent, action, resource, params, reason }) => ({
        head: inert(`${agent}: ${action} on ${resource}${wordsOf(params, resource, currency, zone)}`, 500),
        said: inert(reason ?? 'gives no reason'),
      }),
    ),
    options: options.map(({ id, label, effect }) => ({
      label: inert(label, 300),
      effect: inert(effect ?? '', 300),
      isDefault: id === defaultOption,
    })),
    like: question.likeCases
      .slice(0, LIKE_CASES)
      .map((each) => inert(typeof each === 'string' ? each : Object.values(each).join(' · '), 300)),
    about: more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', '),
    stake: stakeOf(question.stake),
  };
}

const PARAMS_SHOWN = 6;

/** ` (discount 10 % · starts 21 Nov 08:27)`: what the page says too. */
function wordsOf(
  params: Readonly<Record<string, unknown>> | undefined,
  resource: string,
  currency: string,
  zone: string,
): string {
  const text = paramsText(params ?? {}, resource, currency, zone, PARAMS_SHOWN);
  return text === '' ? '' : ` (${text})`;
}

/** What stands already has no words of its own any more. */
function asGranted(entry: Question['standing'][number]): Question['agents'][number] {
  return { ...entry, reason: 'was granted before and stands' };
}

function stakeOf(stake: Question['stake']): string {
  if (!stake?.text) return '';
  return stake.measure ? `${stake.text} of ${measureName(stake.measure)}` : stake.text;
}

function textOf(asking: Asking): string {
  const { question } = asking;
  const { agents, options, like, about, stake } = prepare(asking);
  const quoted = (text: string) => text.split('\n').map((line) => `  > ${line}`);
  return [
    inert(question.title, 300),
    '',
    ...(question.summary ? [inert(question.summary, 500), ''] : []),
    `Store: ${asking.store}`,
    `About: ${about}`,
    ...(stake ? [`At stake: ${stake}`] : []),
    `Asked by rule ${inert(question.rule, 100)}${question.why ? `: ${inert(question.why, 500)}` : ''}`,
    '',
    'What the agents want, in their own words:',
    ...agents.flatMap(({ head, said }) => [`- ${head}`, ...quoted(said)]),
    '',
    'You can choose:',
    ...options.map(
      (option) =>
        `- ${option.label}${option.effect ? `: ${option.effect}` : ''}${option.isDefault ? ' [happens without an answer]' : ''}`,
    ),
    ...(like.length > 0 ? ['', 'Decided before in like cases:', ...like.map((each) => `- ${each}`)] : []),
    '',
    `Answer by ${deadlineText(asking.deadline, asking.zone)}:`,
    asking.link,
    '',
    HINT_LINK,
    ...(asking.local ? [HINT_LOCAL] : []),
    `Reference ${asking.ref}`,
    '',
  ].join('\n');
}

function htmlOf(asking: Asking): string {
  const { question } = asking;
  const { agents, options, like, about, stake } = prepare(asking);
  const quote = 'margin:4px 0 12px 12px;padding-left:8px;border-left:3px solid #ccc;white-space:pre-wrap';
  const page = html`<!doctype html><html lang="en"><body style="font-family:sans-serif;max-width:640px">
<h2>${inert(question.title, 300)}</h2>
${question.summary ? html`<p>${inert(question.summary, 500)}</p>` : ''}
<p>Store: ${asking.store}<br>About: ${about}${stake ? html`<br>At stake: ${stake}` : ''}<br>
Asked by rule ${inert(question.rule, 100)}${question.why ? `: ${inert(question.why, 500)}` : ''}</p>
<h3>What the agents want, in their own words</h3>
${agents.map(({ head, said }) => html`<div>${head}<div style="${quote}">${said}</div></div>`)}
<h3>You can choose</h3>
<ul>${options.map((option) => html`<li>${option.label}${option.effect ? `: ${option.effect}` : ''}${option.isDefault ? html` <em>(happens without an answer)</em>` : ''}</li>`)}</ul>
${like.length > 0 ? html`<h3>Decided before in like cases</h3><ul>${like.map((each) => html`<li>${each}</li>`)}</ul>` : ''}
<p>Answer by <strong>${deadlineText(asking.deadline, asking.zone)}</strong>:<br><a href="${asking.link}">${asking.link}</a></p>
<p style="color:#555">${HINT_LINK}${asking.local ? html`<br>${HINT_LOCAL}` : raw('')}<br>Reference ${asking.ref}</p>
</body></html>`;
  return String(page);
}
