import type { Transaction } from '../connect.ts';

/** A resource as of a time by its own clock. */
export interface ResourceVersion {
  readonly resource: string;
  readonly at: string;
}

/** The newest version of each of these resources that anybody has told of. */
export async function readVersions(
  tx: Transaction,
  store: string,
  resources: readonly string[],
): Promise<ResourceVersion[]> {
  if (resources.length === 0) return [];
  return await tx<ResourceVersion[]>`
    select resource, version as at from versions where store = ${store} and resource = any(${resources as string[]})`;
}

/** Keeps what is newer than what is kept. Mapping is one at a time, so that nobody can come in between. */
export async function keepVersions(
  tx: Transaction,
  store: string,
  versions: readonly ResourceVersion[],
): Promise<void> {
  const newest = new Map<string, ResourceVersion>();
  for (const version of versions) {
    const kept = newest.get(version.resource);
    if (!kept || kept.at < version.at) newest.set(version.resource, version);
  }
  if (newest.size === 0) return;
  await tx`
    insert into versions as v (store, resource, version)
    select ${store}, r.resource, r.at from jsonb_to_recordset(${tx.json([...newest.values()] as never)}) as r(resource text, at timestamptz)
    on conflict (store, resource) do update set version = excluded.version where v.version < excluded.version`;
}
