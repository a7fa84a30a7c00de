import { z } from 'zod';
import { count, minor, sku } from '../fields.ts';

/** One line of an order: units and the price of one, in the order's currency. */
export const orderLine = z.object({ sku, units: count, unitMinor: minor });
