import type { z } from 'zod';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { rulesRequested } from '#shared/contracts/events/rules-requested.ts';
import type { Reason } from '#shared/kernel/errors.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { findRuleSets, type RulesView, readRules } from '#shared/store/pages/rules.ts';
import { inStores } from '#shared/store/transaction.ts';
import { announce } from '../announce.ts';
import type { PageDeps } from '../pages/deps.ts';

type Request = z.infer<typeof rulesRequested.data>;

/** Why a request was not even written. */
export interface Fault {
  readonly status: 400 | 404 | 409;
  readonly error: Reason;
  readonly message: string;
  readonly like?: readonly string[];
  readonly faults?: readonly string[];
}

const HASH = /^[0-9a-f]{6,64}$/;
const WHOLE_HASH = 64;
const OFFERED = 10;

/**
 * Writes what a person wants of the rules as an event; the coordinator acts in its round. What can be seen to be in vain is
 * refused here, where the person still looks on; the last word is the coordinator's.
 */
export async function ask(
  deps: PageDeps,
  store: string,
  request: Request,
): Promise<Fault | { readonly asked: Envelope }> {
  const done = await inStores(deps.sql, [store], async (tx): Promise<Fault | { readonly asked: Envelope }> => {
    const rules = await readRules(tx, store);
    const chosen = await choose(tx, rules, request);
    if ('status' in chosen) return chosen;
    const inVain = whyInVain(rules, request, chosen.hash);
    if (inVain) return { status: 409, error: 'nothing-new', message: inVain };
    const id = deps.clocks.newId();
    const [asked] = await appendEvents(tx, store, [
      {
        id,
        source: 'gateway',
        type: 'rules.requested',
        subject: `store:${store}`,
        time: new Date(deps.clocks.nowMs()).toISOString(),
        store,
        correlationid: id,
        depth: 0,
        addressee: 'nobody',
        data: { ...request, ...chosen },
      },
    ]);
    return { asked: asked! };
  });
  if ('asked' in done) await announce(deps, done.asked);
  return done;
}

/** The whole hash of the set that is meant: by its beginning, or what the folder holds as everybody can see it. */
async function choose(
  tx: Transaction,
  rules: RulesView,
  request: Request,
): Promise<Fault | { readonly hash?: string }> {
  const { candidate } = rules;
  if (request.hash !== undefined)
    return wholeHash(tx, request.hash, candidate?.faults.length === 0 ? candidate.hash : null);
  if (request.want === 'rollback' || request.want === 'end-shadow') return {};
  if (!candidate)
    return { status: 409, error: 'not-found', message: 'The coordinator has not read the rule folder yet.' };
  if (candidate.faults.length > 0 || candidate.hash === null)
    return {
      status: 409,
      error: 'rule-file-invalid',
      message: `The rule folder holds no valid set: ${candidate.faults[0]}`,
      faults: candidate.faults,
    };
  return { hash: candidate.hash };
}

export async function wholeHash(
  tx: Transaction,
  given: string,
  candidate: string | null = null,
): Promise<Fault | { readonly hash: string }> {
  const beginning = given.toLowerCase();
  if (!HASH.test(beginning))
    return {
      status: 400,
      error: 'bad-input',
      message: `"${given.slice(0, 80)}" is not the hash of a rule set, nor at least six characters of its beginning.`,
    };
  const found = new Set(await findRuleSets(tx, beginning, OFFERED));
  if (candidate?.startsWith(beginning)) found.add(candidate);
  const [hash] = found;
  if (!hash)
    return {
      status: 404,
      error: 'not-found',
      message: `No rule set ${beginning.length < WHOLE_HASH ? 'begins with' : 'has the hash'} ${beginning.slice(0, WHOLE_HASH)}.`,
    };
  if (found.size > 1)
    return {
      status: 409,
      error: 'bad-input',
      message: `${beginning} is the beginning of several rule sets.`,
      like: [...found],
    };
  return { hash };
}

function whyInVain(
  { inForce, pinned, shadow }: RulesView,
  { want }: Request,
  hash: string | undefined,
): string | undefined {
  const short = hash?.slice(0, 12);
  if (want === 'activate' && hash === inForce?.hash && pinned === undefined)
    return `Rule set ${short} is in force already.`;
  if (want === 'rollback' && hash !== undefined && hash === inForce?.hash && pinned === hash)
    return `Rule set ${short} is in force already, and pinned.`;
  if (want === 'end-shadow' && !shadow) return 'No rule set is being tried.';
  if (want !== 'shadow') return undefined;
  if (hash === inForce?.hash) return `Rule set ${short} is the one in force; trying it would show no difference.`;
  return hash === shadow?.hash ? `Rule set ${short} is being tried already.` : undefined;
}
