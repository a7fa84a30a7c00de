import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, openPage, overflow, SKIP, until } from './browser.ts';
import { Seed, type Wish } from './seed.ts';
import { openStage, type Stage } from './stage.ts';

const held: Wish = {
  agent: 'orders',
  action: 'order.hold',
  resource: 'order:563190',
  params: { order: '563190', holdReason: 'fraud' },
  verdict: 'granted',
  rule: 'safety-first',
  detail: 'risk high',
  said: 'The billing and the shipping country differ.',
};
const denied: Wish = {
  agent: 'marketing',
  action: 'promotion.launch',
  resource: 'category:candles',
  params: { discountBasisPoints: 1500 },
  verdict: 'denied',
  rule: 'no-promotion-on-low-stock',
  detail: '4 days of cover',
};
const priced: Wish = {
  agent: 'pricing',
  action: 'price.set',
  resource: 'sku:22178',
  params: { priceMinor: 325, currency: 'GBP' },
  verdict: 'granted',
  rule: 'margin-first',
  detail: 'margin ranks before growth',
};

describe('the live page in a browser', { skip: SKIP }, () => {
  let stage: Stage;
  let browser: Browser;
  let seed: Seed;
  before(async () => {
    [stage, browser] = await Promise.all([openStage(), openBrowser()]);
    seed = new Seed(stage.database.sql);
    await seed.openStore();
    await seed.putAgents();
  });
  after(async () => {
    await browser.close();
    await stage.close();
  });

  const ring = () => stage.bell.signal('parley.event.7.sandbox.order.placed', '{}');

  test('says what to do while nothing has happened', async () => {
    const { page, sins } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    await page.getByText('Nothing has been decided yet.').waitFor();
    await page.getByText('npm start -- --replay').waitFor();
    await page.getByText('following', { exact: true }).waitFor();
    assert.deepEqual(sins, []);
    await page.context().close();
  });

  test('shows what is there, adds what comes within a second, and counts it', async () => {
    await seed.judge(await seed.happen({ type: 'order.flagged', subject: 'order:563190', data: { level: 'high' } }), [
      held,
    ]);
    const { page, sins } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    const row = page.locator('#judged .decision').first();
    assert.match(await row.innerText(), /granted\s+orders order\.hold order\s*563190[\s\S]*safety-first\s+risk high/);
    await page.getByText('following', { exact: true }).waitFor();
    const startedAt = Date.now();
    await seed.judge(
      await seed.happen({ type: 'campaign.scheduled', subject: 'campaign:autumn' }),
      [denied, priced],
      'direct',
    );
    ring();
    await page.locator('#judged .conflict').waitFor();
    assert.ok(Date.now() - startedAt < 1_500, `${Date.now() - startedAt} ms`);
    assert.match(
      await page.locator('#judged .conflict').innerText(),
      /direct conflict\s+marketing promotion\.launch against pricing price\.set/,
    );
    assert.match(await page.locator('#events .event').first().innerText(), /campaign\.scheduled/);
    const totals = page.locator('#totals');
    await until(async () => /Decisions\s+3/.test(await totals.innerText()), 'three decisions counted');
    assert.match(await page.locator('#totals').innerText(), /Events\s+2/);
    assert.deepEqual(sins, []);
    await page.context().close();
  });

  test('works without scripts', async () => {
    const { page } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(`${stage.operatorUrl}/?verdict=denied`);
    assert.equal(await page.locator('#judged .decision').count(), 1);
    await page.locator('#judged summary').first().click();
    await page.getByRole('link', { name: 'The whole decision' }).click();
    assert.match(await page.locator('h1').innerText(), /denied\s+marketing: promotion\.launch/);
    await page.context().close();
  });

  test("a decision opens with reasons, the agent's words, its rival and the conflict, by keyboard", async () => {
    const { page } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    const row = page.locator('.decision', { hasText: 'category' }).first();
    await row.locator('summary').focus();
    await page.keyboard.press('Enter');
    await row.getByRole('heading', { name: 'In the same round' }).waitFor();
    const inside = await row.innerText();
    for (const part of ['no-promotion-on-low-stock', 'competes', 'They want the same side', '22178'])
      assert.ok(inside.includes(part), part);
    await page.context().close();
  });

  test('pauses and goes on', async () => {
    const { page } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    await page.getByText('following', { exact: true }).waitFor();
    await page.keyboard.press('Space');
    await page.getByText('paused', { exact: true }).waitFor();
    const rows = await page.locator('#events .event').count();
    await seed.happen({ type: 'traffic.spiked', subject: 'sku:23084', data: { views: 812 } });
    ring();
    await page.getByText('paused, 1 new').waitFor();
    assert.equal(await page.locator('#events .event').count(), rows);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('#events').getByText('traffic.spiked').waitFor();
    await page.context().close();
  });

  test('shows only what was chosen', async () => {
    const { page } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    await page.locator('select[name=agent]').selectOption('pricing');
    await page.waitForURL('**/?agent=pricing');
    assert.deepEqual(await page.locator('#judged .decision .agent').allInnerTexts(), ['pricing']);
    await page.getByText('following', { exact: true }).waitFor();
    await seed.judge(await seed.happen({ type: 'order.flagged', subject: 'order:1' }), [held]);
    await seed.judge(await seed.happen({ type: 'cost.changed', subject: 'sku:1', data: {} }), [priced]);
    ring();
    await until(async () => (await page.locator('#judged .decision').count()) === 2, 'a second row');
    assert.deepEqual(await page.locator('#judged .decision .agent').allInnerTexts(), ['pricing', 'pricing']);
    await page.context().close();
  });

  test('takes up again after the connection was lost, without gaps and without doubles', async () => {
    const { page } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    await page.getByText('following', { exact: true }).waitFor();
    await page.context().setOffline(true);
    for (let n = 0; n < 3; n++) await seed.happen({ type: 'order.paid', subject: `order:again-${n}` });
    ring();
    await page.waitForTimeout(500);
    await page.context().setOffline(false);
    await page.locator('#events', { hasText: 'again-2' }).waitFor({ timeout: 15_000 });
    const keys: string[] = await page.evaluate(
      "[...document.querySelectorAll('#events .event')].map((row) => row.dataset.key)",
    );
    assert.equal(new Set(keys).size, keys.length);
    const seqs = keys.map((key) => Number(key.split('/')[1]));
    assert.deepEqual(
      seqs,
      [...seqs].sort((a, b) => b - a),
    );
    assert.equal(seqs[0]! - seqs.at(-1)! + 1, seqs.length, 'no gap');
    await page.context().close();
  });

  test('samples a flood and says so, and stays small', async () => {
    const { page } = await openPage(browser);
    await page.goto(stage.operatorUrl);
    await page.getByText('following', { exact: true }).waitFor();
    for (let n = 0; n < 400; n++)
      await seed.happen({ type: 'stock.changed', subject: `sku:F${n}`, data: { level: n } });
    ring();
    await page.locator('#sample', { hasText: /showing .* of/ }).waitFor();
    assert.ok((await page.locator('#events .event').count()) <= 150);
    await page.context().close();
  });

  test('shows on a phone which rules are in force, what waits and what is wrong, as it comes', async () => {
    const { page, sins } = await openPage(browser, { viewport: { width: 375, height: 812 } });
    await page.goto(stage.operatorUrl);
    const { sql } = stage.database;
    const hash = 'a1b2c3'.padEnd(64, '0');
    await seed.happen({ type: 'rules.activated', subject: 'store:sandbox', data: { hash, by: 'LM', how: 'rollback' } });
    await sql`update stores set rules_pinned = ${hash}`;
    await sql`insert into rule_candidates (store, hash, faults) values ('sandbox', ${'f'.repeat(64)}, '[]')`;
    ring();
    const running = page.locator('#services');
    await running.getByText('rolled back by LM').waitFor();
    await running.getByText('pinned', { exact: true }).waitFor();
    await running.getByText('The folder is ahead with').waitFor();
    const fault = `money.yaml:7:5: unknown key "${'x'.repeat(80)}". Did you mean "assert"?`;
    await sql`update rule_candidates set hash = null, faults = ${sql.json([fault])}`;
    ring();
    await running.getByRole('alert').getByText('money.yaml:7:5').waitFor();
    await running.getByText('The folder is ahead with').waitFor({ state: 'detached' });
    assert.ok((await overflow(page)) <= 0, `${await overflow(page)} px too wide`);
    assert.deepEqual(sins, []);
    await page.context().close();
  });

  test('fits a phone of 375 pixels, and each list can be chosen', async () => {
    await seed.ask({ token: 'p'.repeat(43), title: `A very long title of ${'something-without-any-space'.repeat(6)}` });
    for (const path of ['/', '/escalations', '/mailbox', '/decisions/none']) {
      const { page } = await openPage(browser, { viewport: { width: 375, height: 812 } });
      await page.goto(`${stage.operatorUrl}${path}`);
      await page.waitForTimeout(300);
      assert.ok((await overflow(page)) <= 0, `${path} is ${await overflow(page)} px too wide`);
      await page.context().close();
    }
    const { page } = await openPage(browser, { viewport: { width: 375, height: 812 }, hasTouch: true });
    await page.goto(stage.operatorUrl);
    assert.equal(await page.locator('#events').isVisible(), false);
    await page.locator('label[for=show-events]').tap();
    assert.equal(await page.locator('#events').isVisible(), true);
    await page.locator('#judged .decision').first().waitFor({ state: 'hidden' });
    await page.context().close();
  });
});
