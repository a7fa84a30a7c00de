import { html } from 'hono/html';
import { campaignSend } from '#shared/contracts/actions/campaign-send.ts';
import { noticeSend } from '#shared/contracts/actions/notice-send.ts';
import { factView } from '#shared/contracts/facts.ts';
import { resource } from '#shared/contracts/resource.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { openPerson } from '#shared/runtime/personal.ts';
import type { TakenAction } from '#shared/store/executor/due-actions.ts';
import { readPersonal } from '#shared/store/executor/errands.ts';
import { readFacts } from '#shared/store/read-facts.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { Deps } from './deps.ts';

const MAIL_TYPES: ReadonlySet<string> = new Set(['notice.send', 'campaign.send']);

/** True for the actions that go out by mail and not to a store: no key guards them, so an unknown end is never sent again. */
export function isMail(type: string): boolean {
  return MAIL_TYPES.has(type);
}

export interface CustomerLetter {
  readonly to: string;
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Finds out whom a mail goes to, and whether it may: a campaign needs consent, a notice about one's own order does not. */
export async function customerLetter(taken: TakenAction, deps: Deps): Promise<CustomerLetter> {
  const { customer, subject, text } = (taken.type === 'campaign.send' ? campaignSend : noticeSend).params.parse(
    taken.params,
  );
  const who = resource('customer', customer);
  const { row, facts } = await inStores(deps.sql, [taken.store], async (tx) => ({
    row: await readPersonal(tx, taken.store, who),
    facts: factView(await readFacts(tx, taken.store, { resources: [who], attributes: ['consent'] })),
  }));
  if (taken.type === 'campaign.send' && facts.get(who, 'consent')?.value.email !== true) {
    throw new PermanentError('no-consent', 'The customer has not agreed to mails of this kind');
  }
  const email = row && openPerson(deps.master, taken.store, who, row).email;
  if (!email) throw new PermanentError('no-address', 'No mail address of the customer is known');
  return {
    to: email,
    messageId: messageIdOf(taken.action),
    subject: oneLine(subject),
    text: `${text}\n`,
    html: page(text),
  };
}

/** The same for ever, so that a mail that came twice can be told by its recipient's server. */
export function messageIdOf(action: string): string {
  return `<${action.replace(/[^\w.-]/g, '-')}@parley.local>`;
}

function oneLine(subject: string): string {
  return subject.replace(/\p{Cc}+/gu, ' ').trim();
}

function page(text: string): string {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) => html`<p style="white-space:pre-line">${paragraph}</p>`);
  return `${html`<!doctype html><html><body style="font-family:sans-serif">${paragraphs}</body></html>`}`;
}
