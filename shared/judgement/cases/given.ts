import { resourceKey } from '#shared/contracts/resource.ts';
import { claimId } from '#shared/kernel/ids.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { type Instant, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { carryOut } from '../commit.ts';
import { prepare } from '../prepare.ts';
import { settingOf } from '../standing.ts';
import { type Claim, emptyOutcome, type Proposed } from '../types.ts';
import { envelope } from './events.ts';
import { readFacts } from './facts.ts';
import { inside, type Place } from './fields.ts';
import type { WrittenGiven } from './format.ts';
import { type ReadIntent, readIntent } from './intents.ts';
import type { Stage } from './stage.ts';
import { readTime, readWritten, type Terms } from './values.ts';

const CLAIM_STATES = ['pending', 'calling', 'done', 'unknown'] as const;
const EARLIER_SEQ = 1;

/** Puts what a case takes as given on the stage: facts, claims in force, earlier rulings, sums, voided causes. */
export function setScene(given: WrittenGiven, stage: Stage, policy: Policy, terms: Terms, place: Place): void {
  for (const [name, written] of Object.entries(given.facts ?? {}))
    stage.put(readFacts(name, written, stage.facts, terms, inside(place, 'facts', name)));
  for (const [index, written] of (given.claims ?? []).entries())
    putClaim(written, index, stage, policy, terms, inside(place, 'claims', index));
  for (const [index, written] of (given.rulings ?? []).entries())
    putRuling(written, stage, terms, inside(place, 'rulings', index));
  for (const [rule, sum] of Object.entries(given.counted ?? {})) {
    const { value } = readWritten(sum, terms);
    const rules = policy.rules.map(({ id }) => id);
    if (typeof value !== 'number')
      place.source.report(
        { path: [...place.path, 'counted', rule] },
        'name a rule and a sum, such as refunds-a-day: £250',
      );
    else if (rules.includes(rule)) stage.countedBefore.set(rule, value);
    else
      stage.missing.push({
        about: `given counted ${rule}`,
        expected: 'a rule of this name',
        got: `there is no such rule.${didYouMean(rule, rules)}`,
      });
  }
  for (const [index, text] of (given.voided ?? []).entries()) {
    const key = resourceKey.safeParse(text);
    if (key.success) stage.void(key.data, Number.MAX_SAFE_INTEGER);
    else
      place.source.report(
        { path: [...place.path, 'voided', index] },
        `"${text}" is not a resource key such as order:563185`,
      );
  }
}

/** Who, and what: the one key of a claim or a ruling that holds a group. */
function readOwner(
  written: Readonly<Record<string, unknown>>,
  stage: Stage,
  terms: Terms,
  place: Place,
): { owner: string; read: ReadIntent } | undefined {
  const [owner, body] = Object.entries(written).find(([, value]) => typeof value === 'object' && value !== null) ?? [];
  if (owner === undefined) {
    place.source.report({ path: place.path }, 'name who and what, such as marketing: { promotion.launch: { … } }');
    return undefined;
  }
  const read = readIntent(owner, body as Record<string, unknown>, stage.facts, terms, inside(place, owner));
  return read && { owner, read };
}

function putClaim(
  written: Readonly<Record<string, unknown>>,
  index: number,
  stage: Stage,
  policy: Policy,
  terms: Terms,
  place: Place,
): void {
  const found = readOwner(written, stage, terms, place);
  if (!found) return;
  const { owner, read } = found;
  const since = readTime(read.since ?? 'now', terms);
  const state = CLAIM_STATES.find((one) => one === (read.state ?? 'done'));
  if (since === undefined || state === undefined) {
    const guess = read.state === undefined ? undefined : { name: read.state, known: CLAIM_STATES };
    place.source.report(
      { path: [...place.path, owner] },
      `a claim has a "since" and a state: ${CLAIM_STATES.join(', ')}.`,
      guess,
    );
    return;
  }
  const proposed: Proposed = {
    id: `given-${index}.${owner}.1.0`,
    agent: owner,
    intent: read.intent,
    event: envelope('schedule.due', 'schedule:earlier', EARLIER_SEQ, since, since, {}),
    replacements: 0,
  };
  const world = stage.world([proposed], policy);
  const prepared = prepare(proposed, since, world, policy);
  if ('refusal' in prepared) {
    place.source.report({ path: place.path }, prepared.refusal.detail);
    return;
  }
  const outcome = emptyOutcome();
  carryOut(prepared.candidate, outcome, settingOf(since, world, policy));
  for (const claim of outcome.claims)
    stage.claims.set(claim.claim, standing(claim, state, since, policy, world.category(claim.resource)));
  if (owner !== 'person') stage.actions.push(...outcome.actions.map((action) => ({ ...action, state })));
}

/** A claim as it stands now: what is done ends after its dwell time, what a person set after the time for which that is respected. */
function standing(
  claim: Claim,
  state: (typeof CLAIM_STATES)[number],
  since: Instant,
  policy: Policy,
  category: string | undefined,
): Claim {
  if (claim.owner === 'person') {
    const { action: _, actionState: __, ...rest } = claim;
    return {
      ...rest,
      claim: claimId('person', claim.resource, claim.aspect),
      to: plus(since, policy.respectMs(claim.resource, category, claim.aspect, since)),
      exclusive: true,
      layer: { ...claim.layer, action: 'person.change', rank: [-1] },
    };
  }
  const ends = state === 'done' && claim.to === undefined;
  return {
    ...claim,
    actionState: state,
    ...(ends ? { to: plus(since, policy.shop.dwellMs(claim.aspect)) } : {}),
  };
}

function putRuling(written: Readonly<Record<string, unknown>>, stage: Stage, terms: Terms, place: Place): void {
  const found = readOwner(written, stage, terms, place);
  if (!found) return;
  const { owner, read } = found;
  stage.refused.push({
    agent: owner,
    action: read.intent.action,
    target: read.type.target(read.intent.params as never),
    text: `${String(written.by ?? 'Tess')} chose "nothing"; it stands.`,
  });
}
