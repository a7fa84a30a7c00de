import { customType, text, timestamp } from 'drizzle-orm/pg-core';

/** Every table and key begins with the store: a slug `[a-z0-9-]{1,40}`. */
export const store = () => text('store').notNull();

export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

export const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

export const tstzrange = customType<{ data: string }>({ dataType: () => 'tstzrange' });
