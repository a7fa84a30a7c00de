import { existsSync } from 'node:fs';
import { compileRuleSet } from '#shared/policy/compile.ts';
import type { RuleFiles } from '#shared/runtime/rule-files.ts';
import type { Api } from './api.ts';
import { UsageError } from './command.ts';
import { type Fault, readRuleFolder, ruleFolder, shownFolder } from './rule-folder.ts';

/** A rule set that a command is told of: its files, or what keeps it from loading. */
export interface Side {
  readonly name: string;
  readonly files: RuleFiles;
  readonly faults: readonly Fault[];
}

export const IN_FORCE = 'in-force';
const HASH = /^[0-9a-f]{6,64}$/;

/** A folder, the hash of a set that the system has stored, or what is in force. */
export async function sideOf(named: string, store: string | undefined, api: Api): Promise<Side> {
  if (existsSync(named)) return folderSide(named, store);
  const hash = named === IN_FORCE ? await hashInForce(store, api) : named;
  if (!HASH.test(hash)) {
    throw new UsageError(
      `"${named}" is no folder and no hash of a rule set; write ${IN_FORCE} for the rules in force.`,
    );
  }
  const found = await api.get<{ hash: string; files: RuleFiles }>(`/api/rules/sets/${encodeURIComponent(hash)}`);
  const compiled = compileRuleSet(found.files, found.hash);
  const name = `${named === IN_FORCE ? 'what is in force' : 'set'} ${found.hash.slice(0, 12)}`;
  return { name, files: found.files, faults: 'errors' in compiled ? compiled.errors : [] };
}

async function folderSide(named: string, store: string | undefined): Promise<Side> {
  const folder = ruleFolder(named);
  const { sets, faults } = await readRuleFolder(folder);
  const set = sets.find((one) => one.store === store) ?? sets.find((one) => one.store === undefined);
  return { name: shownFolder(folder), files: set?.files ?? {}, faults };
}

async function hashInForce(store: string | undefined, api: Api): Promise<string> {
  const { stores } = await api.get<{ stores: readonly { store: string; inForce?: { hash: string } }[] }>('/api/rules');
  const known = stores.filter((one) => one.inForce);
  const wanted = store === undefined ? known : known.filter((one) => one.store === store);
  const hashes = new Set(wanted.map((one) => one.inForce!.hash));
  const [hash] = hashes;
  if (hash !== undefined && hashes.size === 1) return hash;
  const names = known.map((one) => one.store).join(', ') || 'none';
  throw new UsageError(
    hash === undefined ? `No rules are in force there; stores: ${names}.` : `Say which store with --store: ${names}.`,
  );
}
