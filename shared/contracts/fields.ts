import { z } from 'zod';
import { isKeepable } from '#shared/kernel/plain-text.ts';
import { isInstant } from '#shared/kernel/time.ts';

/** Fields that many contracts share. Integers stay within what JSON and Postgres carry exactly. */
export const instant = z.string().refine(isInstant, 'not a UTC time with milliseconds and Z');
export const storeSlug = z.string().regex(/^[a-z0-9-]{1,40}$/, 'not a store slug');
export const agentName = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'not an agent name');
export const sku = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w.+/# -]+$/, 'not a SKU');
export const externalId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w.+/#-]+$/, 'not an id');
export const slug = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'not a slug')
  .max(60);
export const currency = z.string().regex(/^[A-Z]{3}$/, 'not an ISO 4217 currency');
export const count = z.number().int().min(0).max(1_000_000_000);
export const change = z.number().int().min(-1_000_000_000).max(1_000_000_000);
export const minor = z.number().int().min(0).max(1_000_000_000_000);
export const basisPoints = z.number().int().min(0).max(10_000);
const NOT_KEEPABLE = 'holds what cannot be kept: U+0000, half a character, or too deep a nesting';
/** Text of others, bounded; what Postgres cannot keep is refused here, because there it would fail whatever is written with it. */
export const text = (max: number) => z.string().max(max).refine(isKeepable, NOT_KEEPABLE);
/** Values of others that a contract of their own looks at later. */
export const values = z.record(z.string(), z.unknown()).refine(isKeepable, NOT_KEEPABLE);
/** A line of text from outside: data, never markup; control characters and bidirectional overrides are refused at the edge. */
export const label = text(200);
export const reason = text(500).min(1);
