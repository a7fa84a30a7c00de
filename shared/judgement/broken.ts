import type { Layer } from '#shared/contracts/actions/define.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { project } from '#shared/contracts/projection.ts';
import type { Setting } from './standing.ts';
import type { Claim, Outcome } from './types.ts';

const NOT_AGENTS: ReadonlySet<string> = new Set(['person', 'escalation', 'coordinator']);

/**
 * Claims on other keys of a leaf that a person's change has broken: a guardrail that held before it, and would hold
 * again without the claim. Nothing is taken back; each owner is told, and may propose anew.
 */
export function brokenBy(by: Claim, was: Layer, event: Envelope, setting: Setting): Outcome['events'] {
  const { around, now } = setting;
  const others = around.claimsOn(by.resource, now).filter((claim) => claim.aspect !== by.aspect && claim.from <= now);
  if (others.length === 0) return [];
  const broken = (changed: Layer, claims: readonly Claim[]) =>
    new Set(
      setting.policy
        .violations({
          leaf: by.resource,
          category: around.category(by.resource),
          actions: claims.map((claim) => claim.layer.action),
          projected: project(by.resource, around.facts, [changed, ...claims.map((claim) => claim.layer.layer)], now),
          now,
        })
        .map((violation) => violation.rule),
    );
  const before = broken(was, others);
  const rules = [...broken(by.layer.layer, others)].filter((rule) => !before.has(rule));
  if (rules.length === 0) return [];
  const decisive = others.filter((claim) => {
    const without = broken(
      by.layer.layer,
      others.filter((other) => other !== claim),
    );
    return rules.some((rule) => !without.has(rule));
  });
  // Where it takes more than one to break it, each of them is told.
  const told = (decisive.length > 0 ? decisive : others).filter((claim) => !NOT_AGENTS.has(claim.owner));
  return told.map((claim) => toldOf(claim, event, setting));
}

function toldOf(claim: Claim, event: Envelope, { around }: Setting): Outcome['events'][number] {
  const action = around.actionOf(claim.action ?? '');
  const proposal: Intent | undefined = action && {
    action: action.type,
    objective: claim.layer.objective ?? 'safety',
    params: action.params as Record<string, unknown>,
    reason: 'It was granted, and a person has changed what it rests on.',
    cites: [],
  };
  return {
    type: 'claim.broken',
    subject: `store:${event.store}`,
    source: 'coordinator',
    addressee: claim.owner,
    correlationid: event.correlationid,
    causationid: event.id,
    depth: event.depth + 1,
    data: { agent: claim.owner, claim: claim.claim, resource: claim.resource, ...(proposal ? { proposal } : {}) },
  };
}
