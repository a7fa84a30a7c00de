import { TransientError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';

/** A page of a list in GraphQL. */
export interface Page<Node> {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly Node[];
}

/** A cache, a plugin or a server before the shop leaves out what names the page: the list would never end. */
export function samePage(): TransientError {
  return new TransientError('unknown-shape', 'The store answers with the same page of a list again and again');
}

function tooManyPages(): TransientError {
  return new TransientError('unknown-shape', `The store's list does not end within ${LIMITS.pagesOfList} pages`);
}

/** A whole list that comes in numbered pages of at most `size` entries. */
export async function byNumber<Entry extends { readonly id: number }>(
  page: (number: number) => Promise<readonly Entry[]>,
  size: number,
): Promise<Entry[]> {
  const all = new Map<number, Entry>();
  for (let number = 1; number <= LIMITS.pagesOfList; number++) {
    const entries = await page(number);
    const known = all.size;
    for (const entry of entries) all.set(entry.id, entry);
    if (entries.length < size) return [...all.values()];
    if (all.size === known) throw samePage();
  }
  throw tooManyPages();
}

/** A list whose pages name what comes after them, as long as it is; whoever takes it sees each page before the next. */
export async function* byCursor<Node>(page: (after: string | null) => Promise<Page<Node>>): AsyncGenerator<Node> {
  const seen = new Set<string>();
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: Page<Node> = await page(after);
    yield* nodes;
    if (!pageInfo.hasNextPage || pageInfo.endCursor === null) return;
    after = pageInfo.endCursor;
    if (seen.has(after)) throw samePage();
    seen.add(after);
  }
}

/** The same, whole. */
export async function wholeByCursor<Node>(page: (after: string | null) => Promise<Page<Node>>): Promise<Node[]> {
  const all: Node[] = [];
  let pages = 0;
  const counted = (after: string | null) => {
    pages += 1;
    if (pages > LIMITS.pagesOfList) throw tooManyPages();
    return page(after);
  };
  for await (const node of byCursor(counted)) all.push(node);
  return all;
}
