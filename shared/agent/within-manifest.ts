import type { Manifest } from '#shared/contracts/answer.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import type { Reader } from './module.ts';

/** Attributes that the reader's lists look at; who asks for a list reads them. */
const LISTED = {
  dearestShelves: ['available', 'cost'],
  unshipped: ['placed', 'fulfilled', 'cancelled'],
  consentingBuyers: ['consent', 'last-order'],
} as const;

/** A reader that answers only what the manifest names: what an agent reads can be learned from its manifest, and from nowhere else. */
export function withinManifest({ agent, reads }: Pick<Manifest, 'agent' | 'reads'>, read: Reader): Reader {
  const named = new Set(reads);
  const refuse = (attribute: string) => {
    throw new PermanentError(
      'not-permitted',
      `${agent} asks for "${attribute}", which \`reads\` of its manifest does not name.${didYouMean(attribute, reads)}`,
    );
  };
  const check = (attributes: readonly string[]) => {
    for (const attribute of attributes) if (!named.has(attribute)) refuse(attribute);
  };
  return {
    facts: async (resources, attributes) => {
      check(attributes);
      return await read.facts(resources, attributes);
    },
    claims: (resources) => read.claims(resources),
    known: async (attribute, limit) => {
      check([attribute]);
      return await read.known(attribute, limit);
    },
    dearestShelves: async (limit) => {
      check(LISTED.dearestShelves);
      return await read.dearestShelves(limit);
    },
    unshipped: async (wanted) => {
      check(LISTED.unshipped);
      return await read.unshipped(wanted);
    },
    consentingBuyers: async (wanted) => {
      check(LISTED.consentingBuyers);
      return await read.consentingBuyers(wanted);
    },
  };
}
