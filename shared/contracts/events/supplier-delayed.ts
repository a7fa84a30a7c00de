import { z } from 'zod';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { count, sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineEvent } from './define.ts';

export const supplierDelayed = defineEvent({
  type: 'supplier.delayed',
  about: 'A supplier will deliver late.',
  subject: 'supplier',
  data: z.object({
    skus: z.array(sku).max(200),
    delayDays: count,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'delay',
      value: { days: event.data.delayDays, skus: event.data.skus },
    },
    ...event.data.skus.map(
      (sku) =>
        ({
          fold: 'level',
          resource: resource('sku', sku),
          attribute: 'supply-delay',
          value: { until: until(event.time, event.data.delayDays) },
        }) as const,
    ),
  ],
});

/** A supplier that will never deliver is taken to be late by years; a date has an end. */
const DAYS_MAX = 3_650;

function until(time: string, days: number): string {
  return plus(time, Math.min(days, DAYS_MAX) * DAY_MS);
}
