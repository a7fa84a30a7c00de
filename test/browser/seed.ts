import { createHash, randomBytes } from 'node:crypto';
import { uuidv7 } from '#shared/kernel/ids.ts';
import type { Sql } from '#shared/store/connect.ts';

/** Rows as the services write them, made by hand: what the pages show must not depend on the services running. */

const IMPACT = { revenueMinor: 0, marginMinor: 0, cashMinor: 0, units: 0, customers: 0 };

export const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
export const freshId = (atMs = Date.now()) => uuidv7(atMs, randomBytes(10));

export interface Happening {
  type: string;
  subject: string;
  data?: Record<string, unknown>;
  source?: string;
}

export interface Wish {
  agent: string;
  action: string;
  resource: string;
  params?: Record<string, unknown>;
  verdict: string;
  rule: string;
  why?: string;
  detail: string;
  said?: string;
  wakesOn?: string;
}

export class Seed {
  readonly sql: Sql;
  readonly store: string;

  constructor(sql: Sql, store = 'sandbox') {
    this.sql = sql;
    this.store = store;
  }

  async openStore(kind: 'live' | 'replay' = 'live', clock = new Date().toISOString()): Promise<void> {
    await this.sql`
      insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${this.store}, 'sandbox', ${kind}, ${clock}, 7, 'live', 'GBP', 'Europe/London')`;
  }

  async happen(happening: Happening): Promise<{ id: string; seq: number }> {
    const id = freshId();
    const source = happening.source ?? 'shopify:orders/create';
    const [row] = await this.sql<{ seq: number }[]>`
      with s as (update stores set head = head + 1, clock = case when clock_kind = 'live' then clock_timestamp() else clock + interval '97 seconds' end
        where store = ${this.store} returning head, clock)
      insert into events (store, seq, id, type, subject, time, now, source, correlation, depth, data)
      select ${this.store}, s.head, ${id}, ${happening.type}, ${happening.subject}, s.clock, s.clock, ${source}, ${id}, 0, ${this.sql.json((happening.data ?? {}) as never)}
      from s returning seq`;
    return { id, seq: row!.seq };
  }

  /** Closes the round of an event with these wishes; several wishes with a conflict class also leave a conflict. */
  async judge(event: { id: string; seq: number }, wishes: readonly Wish[] = [], clash?: string): Promise<string[]> {
    const { sql, store } = this;
    const agents = [...new Set(wishes.map((wish) => wish.agent))];
    await sql`insert into rounds (store, seq, event, expected, missing, answers, rule_set, closed_as, closed_at)
      values (${store}, ${event.seq}, ${event.id}, ${agents}, '{}', ${agents.length}, ${digestOf('rules')}, 'complete', clock_timestamp())`;
    const intents: string[] = [];
    for (const [index, wish] of wishes.entries()) {
      const intent = `${event.id}.${wish.agent}.1.${wishes.slice(0, index).filter((other) => other.agent === wish.agent).length}`;
      intents.push(intent);
      await this.#decide(event, intent, wish);
    }
    if (clash) {
      const members = wishes.map((wish, index) => ({
        id: intents[index],
        agent: wish.agent,
        action: wish.action,
        resource: wish.resource,
      }));
      await sql`insert into conflicts (store, seq, n, class, key, instance, stake, members, now)
        select ${store}, ${event.seq}, 0, ${clash}, ${clash}, ${event.id}, ${sql.json({ ...IMPACT, revenueMinor: 61_250 })}, ${sql.json(members as never)}, clock from stores where store = ${store}`;
    }
    return intents;
  }

  async #decide(event: { id: string; seq: number }, intent: string, wish: Wish): Promise<void> {
    const { sql, store } = this;
    const reasons = [
      { rule: wish.rule, why: wish.why ?? 'What the merchant wrote as the reason of this rule.', detail: wish.detail },
    ];
    const goes = ['granted', 'adjusted', 'merged', 'escalated'].includes(wish.verdict);
    const inputs = {
      facts: [
        [wish.resource, 'price', 12],
        [wish.resource, 'cost', 3],
        [wish.resource, 'available', event.seq],
      ],
      claims: [],
      ruleSet: digestOf('rules'),
    };
    await sql`
      insert into decisions (store, intent, seq, agent, action_type, resource, params, verdict, rule, reasons, inputs, action, wakes_on, now)
      select ${store}, ${intent}, ${event.seq}, ${wish.agent}, ${wish.action}, ${wish.resource}, ${sql.json((wish.params ?? {}) as never)}, ${wish.verdict}, ${wish.rule},
        ${sql.json(reasons)}, ${sql.json(inputs as never)}, ${goes ? intent : null}, ${wish.wakesOn ?? null}, clock from stores where store = ${store}`;
    if (wish.said) {
      await sql`insert into answers (event, agent, part, store, seq, body, digest, standing)
        values (${event.id}, ${wish.agent}, 1, ${store}, ${event.seq}, ${sql.json({ intents: [{ reason: wish.said }] })}, 'd', 'judged') on conflict do nothing`;
    }
    if (wish.verdict === 'granted' || wish.verdict === 'adjusted') {
      await sql`insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, ended_at, correlation, depth)
        values (${store}, ${intent}, ${wish.action}, ${wish.agent}, '{}', ${[wish.resource]}, '[]', ${wish.resource}, now(), 'done', clock_timestamp(), ${event.id}, 1)`;
    }
  }

  /** A question with two wishes, and a mail whose link has this token. */
  async ask(options: { token?: string; reason?: string; hours?: number; title?: string } = {}): Promise<string> {
    const { sql, store } = this;
    const event = await this.happen({
      type: 'competitor.price-changed',
      subject: 'sku:85123A',
      data: { competitor: 'giftly', priceMinor: 249, currency: 'GBP' },
    });
    const escalation = `${event.id}.e0`;
    const wishes: Wish[] = [
      {
        agent: 'pricing',
        action: 'price.set',
        resource: 'sku:85123A',
        params: { sku: '85123A', priceMinor: 249, currency: 'GBP' },
        verdict: 'escalated',
        rule: 'big-conflict',
        detail: 'stake £5,412.00 of revenue is above £5,000.00',
        wakesOn: escalation,
      },
      {
        agent: 'marketing',
        action: 'promotion.launch',
        resource: 'category:t-light-holders',
        params: {
          target: 'category:t-light-holders',
          discountBasisPoints: 1500,
          startsAt: '2011-10-03T08:00:00.000Z',
          endsAt: '2011-10-10T08:00:00.000Z',
          title: 'Autumn lights',
          combines: true,
        },
        verdict: 'escalated',
        rule: 'big-conflict',
        detail: 'stake £5,412.00 of revenue is above £5,000.00',
        wakesOn: escalation,
      },
    ];
    const intents = await this.judge(event, wishes, 'indirect');
    const said = [
      options.reason ??
        'A competitor sells the same holder for £2.49; at the demand of the last 28 days we would lose about 190 units a week at £2.95.',
      'The autumn campaign was planned three weeks ago and 4,120 subscribers expect it.',
    ];
    const question = {
      title: options.title ?? '2 wishes collide on sku:85123A, category:t-light-holders',
      summary: 'Price and promotion together would take the net price of 85123A to £2.12, 11.4 % above cost.',
      class: 'indirect',
      resources: ['sku:85123A', 'category:t-light-holders'],
      why: 'A clash that moves more than £5,000 is for a person.',
      rule: 'big-conflict',
      agents: wishes.map((wish, index) => ({
        agent: wish.agent,
        action: wish.action,
        resource: wish.resource,
        params: wish.params,
        reason: said[index],
        impact: { ...IMPACT, revenueMinor: 241_200 + index * 300_000, units: 790 },
      })),
      likeCases: [
        {
          option: 'alternative',
          by: 'trading@example.invalid',
          at: '2011-09-12T09:30:00.000Z',
          chose: 'marketing promotion.launch',
          alike: 'same category, objective; other size of the stake',
        },
      ],
      features: {
        class: 'indirect',
        rule: 'big-conflict',
        aspect: 'price',
        measure: 'revenueMinor',
        stake: 541_200,
        parties: wishes.map(({ agent, action }) => ({ agent, action, objective: 'growth' })),
      },
    };
    const opts: {
      id: string;
      label: string;
      effect: string;
      impact: object;
      intents: { intent: string; params: unknown }[];
    }[] = [
      {
        id: 'proposed',
        label: 'pricing: price.set on sku:85123A',
        effect: 'moves £2,412.00 of revenue, £604.00 of margin, 790 units',
        impact: { ...IMPACT, revenueMinor: 241_200, marginMinor: 60_400, units: 790 },
        intents: [],
      },
      {
        id: 'alternative',
        label: 'marketing: promotion.launch on category:t-light-holders',
        effect: 'moves £5,412.00 of revenue, £1,120.00 of margin, 1,840 units',
        impact: { ...IMPACT, revenueMinor: 541_200, marginMinor: 112_000, units: 1_840 },
        intents: [],
      },
      { id: 'nothing', label: 'Do nothing', effect: 'None of it is carried out.', impact: IMPACT, intents: [] },
    ];
    opts[0]!.intents = [{ intent: intents[0]!, params: wishes[0]!.params! }];
    opts[1]!.intents = [{ intent: intents[1]!, params: wishes[1]!.params! }];
    const members = intents.map((id, index) => ({ id, agent: wishes[index]!.agent }));
    const digest = digestOf(JSON.stringify(opts));
    await sql`insert into escalations (store, escalation, seq, key, instance, rule, question, options, members, digest, stake, default_option, deadline, tier, opened_at)
      select ${store}, ${escalation}, ${event.seq}, 'indirect marketing:promotion.launch+pricing:price.set big-conflict', ${escalation}, 'big-conflict', ${sql.json(question as never)},
        ${sql.json(opts as never)}, ${sql.json(members as never)}, ${digest}, ${sql.json({ measure: 'revenueMinor', amount: 541_200, currency: 'GBP', text: '£5,412.00' })}, 'nothing',
        clock + ${options.hours ?? 4} * interval '1 hour', 'trading', clock from stores where store = ${store}`;
    if (options.token) {
      await sql`insert into mails (store, mail, recipient, kind, escalation, message_id, token_hash, digest, state, sent_at)
        values (${store}, ${`${escalation}.m0`}, 'trading@example.invalid', 'escalation', ${escalation}, ${`<${escalation}@parley.local>`}, ${digestOf(options.token)}, ${digest}, 'sent', now())`;
    }
    return escalation;
  }

  async putAgents(): Promise<void> {
    for (const agent of ['pricing', 'inventory', 'marketing', 'support', 'orders'])
      await this
        .sql`insert into agents (agent, manifest, digest) values (${agent}, '{}', ${digestOf(agent)}) on conflict do nothing`;
  }
}
