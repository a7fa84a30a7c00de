import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import { type MasterKey, seal, unseal } from './seal.ts';

/** What is kept of a person, and nowhere else: the row of `personal` is sealed under a key of its own, so that deleting that key forgets the person. */
const person = z.object({
  email: z.string().max(254).optional(),
  name: z.string().max(200).optional(),
  phone: z.string().max(40).optional(),
  address: z.string().max(1_000).optional(),
});

export type Person = z.infer<typeof person>;

export interface SealedPerson {
  /** The subject's own key, under the master key. */
  readonly key: Uint8Array;
  /** The fields, under the subject's key. */
  readonly sealed: Uint8Array;
}

const KEY_BYTES = 32;

const keyPurpose = (store: string, subject: string) => `personal-key:${store}:${subject}`;
const fieldsPurpose = (store: string, subject: string) => `personal:${store}:${subject}`;

/** Seals a person's fields. `known` is the row that there is: its key is kept, so that older copies stay readable. */
export function sealPerson(
  master: MasterKey,
  store: string,
  subject: string,
  fields: Person,
  known?: SealedPerson,
): SealedPerson {
  const own = known ? unseal(master, keyPurpose(store, subject), known.key) : randomBytes(KEY_BYTES);
  return {
    key: known?.key ?? seal(master, keyPurpose(store, subject), own),
    sealed: seal({ bytes: own }, fieldsPurpose(store, subject), Buffer.from(JSON.stringify(fields))),
  };
}

export function openPerson(master: MasterKey, store: string, subject: string, row: SealedPerson): Person {
  const own = unseal(master, keyPurpose(store, subject), row.key);
  const fields = person.safeParse(
    JSON.parse(unseal({ bytes: own }, fieldsPurpose(store, subject), row.sealed).toString()),
  );
  if (!fields.success) throw new PermanentError('unknown-shape', `What is kept of ${subject} has an unknown form`);
  return fields.data;
}
