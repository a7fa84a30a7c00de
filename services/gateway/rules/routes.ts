import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { rulesRequested } from '#shared/contracts/events/rules-requested.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import { RULE_LIMITS, ruleErrorText } from '#shared/policy/rule-error.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { ruleSetHash } from '#shared/runtime/rule-files.ts';
import { storeRuleSet } from '#shared/store/coordinator/rule-sets.ts';
import {
  readRequestOutcome,
  readRuleFiles,
  readRuleHistory,
  readRules,
  readShadow,
  readShadowGroups,
} from '#shared/store/pages/rules.ts';
import { readStoreViews } from '#shared/store/pages/stores.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { PageDeps } from '../pages/deps.ts';
import { inAllStores } from '../pages/in-all-stores.ts';
import { ask, type Fault, wholeHash } from './ask.ts';

const HISTORY_MAX = 1_000;
const FILE_NAME = /^(?!\.)[\w. -]{1,100}\.yaml$/;

const ruleSet = z.strictObject({
  files: z
    .record(z.string().regex(FILE_NAME, 'not the name of a rule file'), z.string().max(LIMITS.ruleFileBytes))
    .refine((files) => Object.keys(files).length <= RULE_LIMITS.files, `more than ${RULE_LIMITS.files} files`)
    .refine((files) => Object.values(files).every((text) => text.isWellFormed()), 'not UTF-8 text'),
});
const historyQuery = z.object({ limit: z.coerce.number().int().min(1).max(HISTORY_MAX).default(50) });

const refuse = (context: Context, { status, ...told }: Fault) => context.json(told, status);
const badInput = (error: z.ZodError): Fault => ({ status: 400, error: 'bad-input', message: z.prettifyError(error) });
const tooLarge = (context: Context) =>
  context.json({ error: 'body-too-large', message: 'That is more than a rule set may be.' }, 413);

/** The operator's API of rule sets: which are in force, waiting and tried, and requests to change that. */
export function rulesRoutes(deps: PageDeps): Hono {
  const routes = new Hono().basePath('/api/rules');
  routes.get('/', async (context) => {
    const stores = await inAllStores(deps.sql, async (tx, names) => {
      const views = [];
      for (const name of names) views.push(await readRules(tx, name));
      return views;
    });
    return context.json({ stores });
  });
  setRoutes(routes, deps);
  storeRoutes(routes, deps);
  return routes;
}

/** Rule sets by their hash: one is stored to be tried, or read to be compared. */
function setRoutes(routes: Hono, deps: PageDeps): void {
  routes.post('/sets', bodyLimit({ maxSize: LIMITS.ruleSetBytes, onError: tooLarge }), async (context) => {
    const body = ruleSet.safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) return refuse(context, badInput(body.error));
    const { files } = body.data;
    const hash = ruleSetHash(files);
    const compiled = compileRuleSet(files, hash);
    if ('errors' in compiled) {
      const faults = compiled.errors.map(ruleErrorText);
      return refuse(context, { status: 400, error: 'rule-file-invalid', message: faults[0]!, faults });
    }
    await inStores(deps.sql, [], (tx) => storeRuleSet(tx, hash, files));
    return context.json({ hash, rules: compiled.policy.rules.length });
  });
  routes.get('/sets/:hash', async (context) => {
    const found = await inStores(deps.sql, [], async (tx) => {
      const whole = await wholeHash(tx, context.req.param('hash'));
      return 'status' in whole ? whole : { hash: whole.hash, files: await readRuleFiles(tx, whole.hash) };
    });
    return 'status' in found ? refuse(context, found) : context.json(found);
  });
}

function storeRoutes(routes: Hono, deps: PageDeps): void {
  routes.get('/:store/history', async (context) => {
    const query = historyQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badInput(query.error));
    const store = await knownStore(deps, context.req.param('store'));
    if (typeof store !== 'string') return refuse(context, store);
    const history = await inStores(deps.sql, [store], (tx) => readRuleHistory(tx, store, query.data.limit));
    return context.json({ store, history });
  });
  routes.get('/:store/shadow', async (context) => {
    const store = await knownStore(deps, context.req.param('store'));
    if (typeof store !== 'string') return refuse(context, store);
    const report = await inStores(deps.sql, [store], async (tx) => {
      const run = await readShadow(tx, store);
      const currency = (await readStoreViews(tx)).find((row) => row.store === store)?.currency;
      return run && { store, currency, run, groups: await readShadowGroups(tx, store, run) };
    });
    if (!report)
      return refuse(context, { status: 404, error: 'not-found', message: `No rule set has been tried in ${store}.` });
    return context.json(report);
  });
  routes.post('/:store/requests', bodyLimit({ maxSize: LIMITS.formBodyBytes, onError: tooLarge }), async (context) => {
    const request = rulesRequested.data.strict().safeParse(await context.req.json().catch(() => undefined));
    if (!request.success) return refuse(context, badInput(request.error));
    const store = await knownStore(deps, context.req.param('store'));
    if (typeof store !== 'string') return refuse(context, store);
    const end = await ask(deps, store, request.data);
    if ('status' in end) return refuse(context, end);
    const { id, seq, data } = end.asked;
    return context.json({ store, request: id, seq, hash: data.hash }, 202);
  });
  routes.get('/:store/requests/:request', async (context) => {
    const request = z.uuid().safeParse(context.req.param('request'));
    const store = await knownStore(deps, context.req.param('store'));
    if (typeof store !== 'string') return refuse(context, store);
    const outcome = request.success
      ? await inStores(deps.sql, [store], (tx) => readRequestOutcome(tx, store, request.data))
      : undefined;
    return context.json({ store, outcome: outcome ?? null });
  });
}

async function knownStore(deps: PageDeps, name: string): Promise<string | Fault> {
  const stores = (await inStores(deps.sql, [], readStoreViews)).map((row) => row.store);
  if (stores.includes(name)) return name;
  return { status: 404, error: 'not-found', message: `There is no store "${name.slice(0, 40)}".`, like: stores };
}
