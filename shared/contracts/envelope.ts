import { z } from 'zod';
import { instant, storeSlug } from './fields.ts';
import { type ResourceKey, resourceKey } from './resource.ts';

/**
 * CloudEvents 1.0 attributes plus our own. An event is our own small shape, not the platform's body, and never holds
 * personal data: it names `customer:<id>`, because streams cannot be erased.
 */
export const envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().max(80),
  type: z.string().regex(/^[a-z-]+\.[a-z-]+$/),
  subject: resourceKey,
  /** When it happened, by whoever saw it. */
  time: instant,
  store: storeSlug,
  /** Its place in the store's history. */
  seq: z.number().int().positive(),
  /** The store clock when it was written. */
  now: instant,
  correlationid: z.string(),
  causationid: z.string().optional(),
  /**
   * CloudEvents' extension for distributed tracing, kept where an event has it. Nothing of ours begins a trace yet: what
   * belongs together is told by `correlationid` and `causationid`, and a trace without an exporter would tell nobody more.
   */
  traceparent: z.string().optional(),
  depth: z.number().int().min(0),
  dataversion: z.literal(1),
  /** The one agent that is expected to answer, or `nobody`; absent means all whose manifest answers the type. */
  addressee: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
});

export interface Envelope<Data = Readonly<Record<string, unknown>>> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: ResourceKey;
  readonly time: string;
  readonly store: string;
  readonly seq: number;
  readonly now: string;
  readonly correlationid: string;
  readonly causationid?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly depth: number;
  readonly dataversion: 1;
  readonly addressee?: string | undefined;
  readonly data: Data;
}

/** An event before the store has given it `seq` and `now`. */
export type Draft = Omit<Envelope, 'specversion' | 'seq' | 'now' | 'dataversion'> & {
  readonly delivery?: string | undefined;
};
