import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import { LIMITS } from '#shared/runtime/limits.ts';
import {
  type EscalationRow,
  type Link,
  readCarriedOut,
  readEndedEscalations,
  readEscalation,
  readLink,
  readOpenEscalations,
} from '#shared/store/pages/escalations.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { PageDeps } from '../deps.ts';
import { block } from '../html/format.ts';
import { type Html, notice } from '../html/layout.ts';
import { inAllStores } from '../in-all-stores.ts';
import { giveAnswer } from './answer.ts';
import { type CarriedOut, escalationsPage, NOTE_MAX, questionPage } from './form.ts';
import { isOurOwnForm } from './same-origin.ts';

/** 256 bits, base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const LISTED = 100;

interface Found {
  readonly link: Link;
  readonly escalation: EscalationRow;
  readonly carriedOut: CarriedOut;
}

/** Only the hash of a token is kept, so only its hash is looked for. */
async function findByToken(deps: PageDeps, token: string): Promise<Found | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const hash = createHash('sha256').update(token).digest('hex');
  const link = await inAllStores(deps.sql, (tx) => readLink(tx, hash));
  if (!link) return undefined;
  return inStores(deps.sql, [link.store], async (tx) => {
    const escalation = await readEscalation(tx, link.escalation);
    return escalation && { link, escalation, carriedOut: await readCarriedOut(tx, escalation) };
  });
}

const unknownLink = () =>
  notice(
    'This link leads nowhere',
    'It is not one of ours, or what it asked about is no longer kept. Nothing was decided.',
  );

const notFromOurPage = () =>
  notice(
    'Not sent from our page',
    'The answer did not come from the page that shows the question. Nothing was decided.',
  );

const tooLong = (context: Context) =>
  context.html(notice('Too long', 'The note is too long. Nothing was decided.'), 413);

/** Links in mails. Looking never decides and never uses a link up; only the form does, once. */
export function publicEscalationRoutes(deps: PageDeps): Hono {
  const routes = new Hono();
  routes.get('/escalations/:token', async (context) => {
    const found = await findByToken(deps, context.req.param('token'));
    if (!found) return context.html(unknownLink(), 404);
    const { escalation, carriedOut } = found;
    return context.html(questionPage({ escalation, carriedOut, answerPath: context.req.path }));
  });
  routes.post(
    '/escalations/:token',
    bodyLimit({ maxSize: LIMITS.formBodyBytes, onError: tooLong }),
    async (context) => {
      if (!isOurOwnForm(context.req.raw.headers, context.req.url, deps.publicUrl))
        return context.html(notFromOurPage(), 403);
      const found = await findByToken(deps, context.req.param('token'));
      if (!found) return context.html(unknownLink(), 404);
      return answer(context, deps, found.link);
    },
  );
  return routes;
}

async function answer(context: Context, deps: PageDeps, link: Link): Promise<Response> {
  const form = await readForm(context);
  if (!form)
    return context.html(
      notice('No option was chosen', 'Go back, choose one and decide again. Nothing was decided.'),
      400,
    );
  const verdict = await giveAnswer(deps, link, form);
  if (verdict.end === 'not-found') return context.html(unknownLink(), 404);
  const { escalation } = verdict;
  const carriedOut = await inStores(deps.sql, [escalation.store], (tx) => readCarriedOut(tx, escalation));
  const show = (status: 200 | 400 | 409 | 410, banner: Html) =>
    context.html(questionPage({ escalation, carriedOut, answerPath: context.req.path, banner }), status);
  switch (verdict.end) {
    case 'received':
      return show(
        200,
        html`<p class="banner good" role="status"><b>Received.</b> Thank you. This page follows what comes of it.</p>`,
      );
    case 'answered-before':
      return show(
        409,
        html`<p class="banner" role="status"><b>This was answered already.</b> Yours was not counted; the outcome is below.</p>`,
      );
    case 'over':
      return show(
        410,
        html`<p class="banner" role="status"><b>Too late.</b> The question is over; your answer was not counted.</p>`,
      );
    case 'changed':
      return show(
        409,
        html`<p class="banner" role="status"><b>What is asked is not what you were shown.</b> Nothing was decided; please read it again.</p>`,
      );
    case 'no-such-option':
      return show(400, html`<p class="banner" role="status"><b>There is no such option.</b> Nothing was decided.</p>`);
  }
}

async function readForm(context: Context) {
  const type = context.req.header('content-type') ?? '';
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) return undefined;
  const body = await context.req.parseBody();
  const { option, digest, note } = body;
  if (typeof option !== 'string' || option === '' || typeof digest !== 'string') return undefined;
  const words = typeof note === 'string' ? block(note, NOTE_MAX).trim() : '';
  return { option, digest, note: words === '' ? undefined : words };
}

/** Who answers on the operator's listener. It has no accounts yet, so it is whoever may open it. */
const OPERATOR = 'operator';

/**
 * On the operator's listener, to look and to decide: no mail goes out beyond a person's daily limit, or while mail is
 * down, and such a question must not run into its default unheard. Under which names, the listener sees to as a whole.
 */
export function operatorEscalationRoutes(deps: PageDeps): Hono {
  const routes = new Hono();
  const find = (id: string) =>
    inAllStores(deps.sql, async (tx) => {
      const escalation = await readEscalation(tx, id);
      return escalation && { escalation, carriedOut: await readCarriedOut(tx, escalation) };
    });
  const notFound = () => notice('Not found', 'No question has this id.', 'escalations');
  routes.get('/escalations', async (context) => {
    const [open, ended] = await inAllStores(deps.sql, async (tx) => [
      await readOpenEscalations(tx, LISTED),
      await readEndedEscalations(tx, LISTED),
    ]);
    return context.html(escalationsPage(open ?? [], ended ?? []));
  });
  routes.get('/escalations/by-id/:id', async (context) => {
    const found = await find(context.req.param('id'));
    if (!found) return context.html(notFound(), 404);
    return context.html(questionPage({ ...found, here: 'escalations', answerPath: context.req.path }));
  });
  routes.post(
    '/escalations/by-id/:id',
    bodyLimit({ maxSize: LIMITS.formBodyBytes, onError: tooLong }),
    async (context) => {
      if (!isOurOwnForm(context.req.raw.headers, context.req.url, context.req.url))
        return context.html(notFromOurPage(), 403);
      const found = await find(context.req.param('id'));
      if (!found) return context.html(notFound(), 404);
      const { store, escalation } = found.escalation;
      return answer(context, deps, { store, escalation, recipient: OPERATOR, digest: '' });
    },
  );
  routes.get('/api/escalations', async (context) =>
    context.json(await inAllStores(deps.sql, (tx) => readOpenEscalations(tx, LISTED))),
  );
  return routes;
}
