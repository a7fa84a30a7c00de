import type { Announcement, Citation, Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Attribute, FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';

/** The versions of the facts that an intent rests on, for those of them that are known. */
export function citing(facts: FactView, resource: ResourceKey, ...attributes: readonly Attribute[]): Citation[] {
  return attributes.flatMap((attribute) => {
    const fact = facts.get(resource, attribute);
    return fact ? [{ resource, attribute, version: fact.version }] : [];
  });
}

export function pass(why: string): Proposal {
  return { intents: [], announcements: [], pass: why };
}

export function propose(intents: readonly Intent[], announcements: readonly Announcement[] = []): Proposal {
  return { intents, announcements };
}

/** A hold that stands on a resource at the moment of the decision, whoever has it. */
export interface StandingClaim {
  readonly resource: ResourceKey;
  readonly aspect: string;
  /** An agent, `person`, `coordinator` or `escalation`. */
  readonly owner: string;
  /** The action type that it was granted for. */
  readonly action?: string;
}
