import { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { PageDeps } from '../deps.ts';
import { block, line } from '../html/format.ts';
import { type Html, notice, page } from '../html/layout.ts';
import { splitLinks } from './links.ts';

const head = z.object({
  id: z.coerce.string(),
  from: z.unknown(),
  to: z.unknown(),
  subject: z.string().nullish(),
  date: z.string().nullish(),
  messageId: z.string().nullish(),
});
const message = head.extend({ text: z.string().nullish(), html: z.string().nullish() });

const LISTED = 200;
const TEXT_MAX = 100_000;
/** For the page inside the page that shows a mail's own markup: no script, no form, nothing from anywhere. */
const MARKUP_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/** The embedded mailbox of the one-machine start, so that links can be followed without any mail account. */
export function mailboxRoutes(deps: PageDeps): Hono {
  const routes = new Hono();
  routes.onError((thrown, context) => {
    if (thrown instanceof PermanentError) return context.html(notice('Not found', thrown.message, 'mailbox'), 404);
    deps.logger.warn({ err: thrown }, 'mailbox: could not read');
    return context.html(
      notice('The mailbox does not answer', 'It may be starting; look again in a moment.', 'mailbox'),
      502,
    );
  });
  routes.get('/mailbox', async (context) => {
    if (!deps.mailboxUrl) return context.html(noMailbox());
    const mails = z.array(head).parse(await read(deps.mailboxUrl, '/messages'));
    return context.html(listPage(mails.slice(0, LISTED)));
  });
  routes.get('/mailbox/:id', async (context) => {
    if (!deps.mailboxUrl) return context.html(noMailbox(), 404);
    const mail = message.parse(await read(deps.mailboxUrl, `/messages/${encodeURIComponent(context.req.param('id'))}`));
    return context.html(mailPage(mail, deps.publicUrl));
  });
  routes.get('/mailbox/:id/markup', async (context) => {
    if (!deps.mailboxUrl) return context.text('Not found\n', 404);
    const mail = message.parse(await read(deps.mailboxUrl, `/messages/${encodeURIComponent(context.req.param('id'))}`));
    return context.body(mail.html ?? '', 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': MARKUP_POLICY,
    });
  });
  return routes;
}

async function read(base: string, path: string): Promise<unknown> {
  const address = `${base.replace(/\/+$/, '')}${path}`;
  const response = await fetch(address, { signal: AbortSignal.timeout(LIMITS.smtpMs), redirect: 'error' });
  if (response.status === 404) throw new PermanentError('not-found', 'There is no such mail.');
  if (!response.ok) throw new TransientError('store-unavailable', `The mailbox answered ${response.status}`);
  return await response.json();
}

const noMailbox = () =>
  notice(
    'No mailbox here',
    'Mail leaves by the SMTP server of the configuration. The one-machine start (npm start) keeps it here instead.',
    'mailbox',
  );

function listPage(mails: readonly z.infer<typeof head>[]): Html {
  return page({
    title: 'Mailbox',
    here: 'mailbox',
    body: html`<div class="sheet"><h1>Mailbox</h1><p class="quiet">What Parley has sent from this machine; nothing of it left.</p>
${
  mails.length === 0
    ? html`<p class="quiet">No mail yet. Questions to people, and notices to customers, arrive here.</p>`
    : html`<ul class="cards">${mails.map(
        (mail) =>
          html`<li><a href="/mailbox/${encodeURIComponent(mail.id)}"><b>${line(mail.subject || '(no subject)', 200)}</b></a><span class="small">to ${addressText(mail.to)} · ${dateText(mail.date)}</span></li>`,
      )}</ul>`
}</div>`,
  });
}

function mailPage(mail: z.infer<typeof message>, publicUrl: string): Html {
  return page({
    title: line(mail.subject || '(no subject)', 120),
    here: 'mailbox',
    body: html`<article class="sheet"><p class="crumb"><a href="/mailbox">Mailbox</a></p>
<h1>${line(mail.subject || '(no subject)', 300)}</h1>
<dl><dt>From</dt><dd>${addressText(mail.from)}</dd><dt>To</dt><dd>${addressText(mail.to)}</dd><dt>Date</dt><dd>${dateText(mail.date)}</dd></dl>
<div class="mail">${splitLinks(block(mail.text ?? '', TEXT_MAX).trim(), publicUrl).map((part) => (part.link ? html`<a href="${part.text}">${part.text}</a>` : part.text))}</div>
${mail.html ? html`<details class="markup"><summary>As the mail program shows it</summary><iframe sandbox title="The mail's own markup" src="/mailbox/${encodeURIComponent(mail.id)}/markup" loading="lazy"></iframe></details>` : ''}
</article>`,
  });
}

function addressText(value: unknown): string {
  if (Array.isArray(value)) return value.map(addressText).join(', ');
  if (typeof value === 'object' && value !== null) {
    const { name, address } = value as { name?: string; address?: string };
    return line(name ? `${name} <${address ?? ''}>` : (address ?? ''), 200);
  }
  return line(value ?? '', 200);
}

function dateText(date: string | null | undefined): string {
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? '' : `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}
