import { z } from 'zod';
import { sku } from '../fields.ts';
import { defineEvent } from './define.ts';

export const bundleChanged = defineEvent({
  type: 'bundle.changed',
  about: 'What a bundle is made of was set.',
  subject: 'bundle',
  data: z.object({
    skus: z.array(sku).min(1).max(50),
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'contents', value: event.data.skus }],
});
