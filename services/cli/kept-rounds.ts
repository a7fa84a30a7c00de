import type { KeptPage } from '#shared/judgement/record/again.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { type RuleFiles, ruleSetHash } from '#shared/runtime/rule-files.ts';
import type { Api } from './api.ts';
import { UsageError } from './command.ts';

/** The part of a store's history that a command goes through. */
export interface Span {
  readonly after: number;
  readonly to: number;
  readonly rounds: number;
  readonly decisions: number;
  readonly unrecorded: number;
  readonly since: string | null;
  readonly until: string | null;
  readonly currency: string;
}

export async function storesOf(api: Api, named: string | undefined): Promise<readonly string[]> {
  const { stores } = await api.get<{ stores: readonly { store: string }[] }>('/api/rules');
  const all = stores.map((row) => row.store);
  if (named === undefined) return all;
  if (!all.includes(named))
    throw new PermanentError('not-found', `There is no store "${named}". There are: ${all.join(', ')}.`);
  return [named];
}

/** The one store that is meant: the one named, or the only one that there is. */
export async function storeOf(api: Api, named: string | undefined): Promise<string> {
  const stores = await storesOf(api, named);
  if (stores.length === 1) return stores[0]!;
  throw new UsageError(`Say which store with --store: ${stores.join(', ')}.`);
}

export function spanOf(api: Api, store: string, wanted: Readonly<Record<string, number | undefined>>): Promise<Span> {
  return api.get<Span>(`/api/rounds/${store}/span${query(wanted)}`);
}

/** Recorded rounds, page by page, so that a long history is never in memory whole. */
export async function* keptPages(api: Api, store: string, span: Pick<Span, 'after' | 'to'>): AsyncGenerator<KeptPage> {
  let { after } = span;
  for (;;) {
    const page = await api.get<KeptPage>(`/api/rounds/${store}${query({ after, to: span.to })}`);
    yield page;
    if (page.next === undefined) return;
    after = page.next;
  }
}

/** A rule set by its hash, compiled here; one whose files no longer have that hash has been changed. */
export async function policyOf(api: Api, hash: string): Promise<Policy> {
  const { files } = await api.get<{ files: RuleFiles }>(`/api/rules/sets/${encodeURIComponent(hash)}`);
  const real = ruleSetHash(files);
  if (real !== hash)
    throw new PermanentError('rule-file-invalid', `the kept files of rule set ${hash} have hash ${real}`);
  const compiled = compileRuleSet(files, hash);
  if ('policy' in compiled) return compiled.policy;
  throw new PermanentError(
    'rule-file-invalid',
    `rule set ${hash} no longer compiles: ${compiled.errors[0]?.message ?? 'it is empty'}`,
  );
}

/** A whole number that an option gives. */
export function numberOption(name: string, value: string | boolean | undefined, least: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < least)
    throw new UsageError(`--${name} must be a whole number from ${least}.`);
  return number;
}

function query(values: Readonly<Record<string, number | undefined>>): string {
  const set = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return set.length > 0 ? `?${set.join('&')}` : '';
}
