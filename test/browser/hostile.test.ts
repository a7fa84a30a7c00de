import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage, overflow, SKIP } from './browser.ts';
import { HOSTILE } from './hostile.ts';
import { Seed } from './seed.ts';
import { openStage, type Stage } from './stage.ts';

const tokenOf = (n: number) => `t${String(n).padStart(42, '0')}`;
/** Postgres takes neither NUL nor half characters in JSON: the edge refuses them before. */
const storable = (text: string) => text.toWellFormed().replaceAll('\u0000', '');

/** A mailbox that holds these texts in every field. */
async function openMailbox(): Promise<Server> {
  const mails = HOSTILE.slice(0, 60).map((text, index) => ({
    id: `m${index}`,
    from: text,
    to: [text],
    subject: text,
    date: '2011-10-03T09:00:00Z',
    messageId: '<x>',
    text,
    html: `<p>${text}</p><script>window.pwned=1</script><form action=/x><button>x</button></form>`,
  }));
  const server = createServer((request, response) => {
    const id = /^\/messages\/(.+)$/.exec(request.url ?? '')?.[1];
    const found = id ? mails.find((mail) => mail.id === id) : mails.map(({ text: _, html: __, ...head }) => head);
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('hostile texts in a browser', { skip: SKIP }, () => {
  let stage: Stage;
  let browser: Browser;
  let mailbox: Server;
  before(async () => {
    mailbox = await openMailbox();
    [stage, browser] = await Promise.all([
      openStage(`http://127.0.0.1:${(mailbox.address() as AddressInfo).port}`),
      openBrowser(),
    ]);
    const seed = new Seed(stage.database.sql);
    await seed.openStore();
    for (const [index, hostile] of HOSTILE.entries()) {
      const text = storable(hostile).slice(0, 20_000);
      const event = await seed.happen({
        type: 'message.received',
        subject: `message:${index}`,
        data: { topic: text, reason: text, competitor: text },
      });
      await seed.judge(event, [
        {
          agent: 'support',
          action: 'notice.send',
          resource: `order:${index}`,
          params: { topic: text, title: text },
          verdict: 'denied',
          rule: text.slice(0, 200),
          detail: text,
          why: text,
          said: text,
        },
      ]);
      if (index < 60) await seed.ask({ token: tokenOf(index), reason: text, title: text.slice(0, 500) });
    }
  });
  after(async () => {
    await browser.close();
    await stage.close();
    mailbox.close();
  });

  /** Nothing ran, nothing was fetched from elsewhere, and every link leads to us. */
  async function assertInert(page: Page, sins: readonly string[], where: string): Promise<void> {
    assert.equal(await page.evaluate('window.pwned'), undefined, where);
    assert.deepEqual(sins, [], where);
    const strangers: string[] = await page.evaluate(
      `[...document.querySelectorAll('a[href],form[action],img,iframe,base,meta[http-equiv],object,embed,script:not([src^="/assets/"])')]
        .filter((node) => !((node.href || node.action || node.src || '').startsWith('http://127.0.0.1:') && !['BASE','IMG','OBJECT','EMBED'].includes(node.tagName)))
        .map((node) => node.outerHTML.slice(0, 100))`,
    );
    assert.deepEqual(strangers, [], where);
    assert.ok((await overflow(page)) <= 0, `${where} is ${await overflow(page)} px too wide`);
  }

  test('the live page and the inside of its decisions', async () => {
    const { page, sins } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    for (let n = 0; n < 12; n++) await page.locator('#judged .decision summary').nth(n).click();
    await page.waitForTimeout(1_000);
    await assertInert(page, sins, 'live');
    assert.ok((await page.locator('#judged .decision').count()) >= 40, 'the rows are there');
    await page.context().close();
  });

  test('what the stream brings', async () => {
    const { page, sins } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    await page.getByText('following', { exact: true }).waitFor();
    const seed = new Seed(stage.database.sql);
    for (const hostile of HOSTILE.slice(0, 40)) {
      const text = storable(hostile).slice(0, 2_000);
      await seed.judge(
        await seed.happen({ type: 'message.received', subject: 'message:live', data: { topic: text } }),
        [
          {
            agent: 'support',
            action: 'credit.give',
            resource: 'customer:1',
            verdict: 'adjusted',
            rule: 'r',
            detail: text,
          },
        ],
      );
    }
    stage.bell.signal('parley.event.7.sandbox.message.received', '{}');
    await page.locator('#judged .decision', { hasText: 'credit.give' }).first().waitFor();
    await page.waitForTimeout(1_500);
    await assertInert(page, sins, 'stream');
    await page.context().close();
  });

  test('the page of a question, on a phone', async () => {
    const { page, sins } = await openPage(browser, { viewport: { width: 375, height: 812 } });
    for (let n = 0; n < 60; n++) {
      await page.goto(`${stage.publicUrl}/escalations/${tokenOf(n)}`);
      await assertInert(page, sins, `question ${n}: ${HOSTILE[n]!.slice(0, 60)}`);
    }
    const quoted = await page.locator('.said blockquote').first().innerText();
    assert.ok(quoted.length <= 2_000);
    await page.context().close();
  });

  test('mails, as text and in their own markup', async () => {
    const { page, sins } = await openPage(browser, { viewport: { width: 375, height: 812 } });
    await page.goto(`${stage.operatorUrl}/mailbox`);
    await assertInert(page, sins, 'mailbox');
    for (let n = 0; n < 60; n += 3) {
      await page.goto(`${stage.operatorUrl}/mailbox/m${n}`);
      await page.locator('.markup summary').click();
      await page.waitForTimeout(100);
      const blocked = sins.filter((sin) => !/sandboxed|Content Security Policy|Refused to|violates/i.test(sin));
      await assertInert(page, blocked, `mail ${n}`);
    }
    await page.context().close();
  });
});
