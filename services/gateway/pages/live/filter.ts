import { VERDICTS } from '../html/format.ts';

/** What a viewer wants to see. A value that cannot be is dropped, as an empty choice of the form is. */
export interface Filter {
  readonly store?: string | undefined;
  readonly agent?: string | undefined;
  readonly verdict?: string | undefined;
}

export function readFilter(query: (name: string) => string | undefined): Filter {
  const slug = (name: string) => {
    const value = query(name);
    return value && /^[a-z0-9-]{1,40}$/.test(value) ? value : undefined;
  };
  const verdict = query('verdict');
  return {
    store: slug('store'),
    agent: slug('agent'),
    verdict: (VERDICTS as readonly string[]).includes(verdict ?? '') ? verdict : undefined,
  };
}

export function filterQuery(filter: Filter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  return query.toString();
}
