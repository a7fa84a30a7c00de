import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, openPage, overflow, SKIP } from './browser.ts';
import { Seed } from './seed.ts';
import { openStage, type Stage } from './stage.ts';

describe('a question answered by its link in a browser', { skip: SKIP }, () => {
  let stage: Stage;
  let browser: Browser;
  let seed: Seed;
  before(async () => {
    [stage, browser] = await Promise.all([openStage(), openBrowser()]);
    seed = new Seed(stage.database.sql);
    await seed.openStore();
  });
  after(async () => {
    await browser.close();
    await stage.close();
  });

  const stateOf = async (escalation: string) => {
    const [row] = await stage.database.sql<
      { state: string }[]
    >`select state from escalations where escalation = ${escalation}`;
    return row?.state;
  };

  test('opening it, as scanners with scripts do, decides nothing', async () => {
    const token = 'o'.repeat(43);
    const escalation = await seed.ask({ token });
    for (let n = 0; n < 5; n++) {
      const { page, sins } = await openPage(browser);
      await page.goto(`${stage.publicUrl}/escalations/${token}`, { waitUntil: 'networkidle' });
      await page.evaluate('document.querySelectorAll("a").forEach((link) => link.click())');
      await page.waitForTimeout(200);
      assert.deepEqual(sins, []);
      await page.context().close();
    }
    assert.equal(await stateOf(escalation), 'open');
  });

  test('shows what it is about, takes one answer, and follows what comes of it', async () => {
    const token = 'q'.repeat(43);
    const escalation = await seed.ask({ token });
    const { page, sins } = await openPage(browser, { viewport: { width: 375, height: 812 } });
    await page.goto(`${stage.publicUrl}/escalations/${token}`);
    const text = await page.locator('main').innerText();
    for (const part of [
      '2 wishes collide',
      '£5,412.00',
      'Without an answer: Do nothing',
      'London time',
      "In the agent's own words",
      'Like cases before',
      'big-conflict',
    ])
      assert.ok(text.includes(part), part);
    assert.ok((await overflow(page)) <= 0);
    await page.getByRole('button', { name: 'Decide' }).click();
    assert.equal(await stateOf(escalation), 'open', 'without a choice the form is not sent');
    await page.getByRole('radio', { name: /The other way round/ }).check();
    await page.getByRole('textbox').fill('As agreed on Monday.');
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByText('Received.', { exact: false }).first().waitFor();
    assert.equal(await stateOf(escalation), 'answered');
    assert.equal(await page.locator('form').count(), 0);

    await stage.database.sql`update escalations set state = 'ruled' where escalation = ${escalation}`;
    await stage.database.sql`
      insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, correlation, depth)
      select 'sandbox', members->1->>'id', 'promotion.launch', 'marketing', '{}', '{sku:85123A}', '[]', 'x', now(), 'done', 'c', 0
      from escalations where escalation = ${escalation}`;
    await page.getByRole('heading', { name: 'Decided' }).waitFor({ timeout: 10_000 });
    const outcome = await page.locator('.outcome').innerText();
    assert.match(outcome, /trading@example\.invalid/);
    assert.match(outcome, /As agreed on Monday\./);
    assert.match(outcome, /done marketing promotion\.launch/);
    assert.deepEqual(sins, []);
    await page.context().close();
  });

  test('the second of two who had the page open is told that the first was first', async () => {
    const token = 'r'.repeat(43);
    const escalation = await seed.ask({ token });
    const first = await openPage(browser);
    const second = await openPage(browser);
    for (const { page } of [first, second]) {
      await page.goto(`${stage.publicUrl}/escalations/${token}`);
      await page.getByRole('radio', { name: /As proposed/ }).check();
    }
    await first.page.getByRole('button', { name: 'Decide' }).click();
    await first.page.getByText('Received.', { exact: false }).first().waitFor();
    const answered = second.page.waitForResponse((response) => response.request().method() === 'POST');
    await second.page.getByRole('button', { name: 'Decide' }).click();
    assert.equal((await answered).status(), 409);
    await second.page.getByText('This was answered already.').waitFor();
    assert.equal(await stateOf(escalation), 'answered');
    await first.page.context().close();
    await second.page.context().close();
  });

  test('a form on another site is refused', async () => {
    const token = 's'.repeat(43);
    const escalation = await seed.ask({ token });
    const { page } = await openPage(browser);
    // A page of another origin: the same machine under another name is another site.
    await page.route('http://localhost:9/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${stage.publicUrl}/escalations/${token}"><input name="option" value="proposed"><input name="digest" value="x"><button>win a prize</button></form>`,
      }),
    );
    await page.goto('http://localhost:9/');
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button').click();
    assert.equal((await answered).status(), 403);
    assert.equal(await stateOf(escalation), 'open');
    await page.context().close();
  });
});
