import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShopCard } from '#shared/connectors/concierge.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { type RuleFiles, ruleSetHash } from '#shared/runtime/rule-files.ts';
import { type FolderSet, readRuleFolder, ruleFolder, shownFolder } from '../rule-folder.ts';

/** The rules that will judge a store, as they are in the folder now. */
export interface RulesOfStore {
  readonly folder: string;
  /** Whether the store has rules of its own; else it shares those of every store. */
  readonly areOwn: boolean;
  readonly files: RuleFiles;
  readonly currency: string;
  readonly zone: string;
}

const SYMBOLS: Readonly<Record<string, string>> = { GBP: '£', EUR: '€', USD: '$', JPY: '¥' };

/** Throws where they do not load: a store without rules is decided about by nobody. */
export async function rulesOf(store: string, named: string | undefined): Promise<RulesOfStore> {
  const folder = ruleFolder(named);
  const { sets, faults } = await readRuleFolder(folder);
  const own = sets.find((set) => set.store === store);
  const set: FolderSet | undefined = own ?? sets.find((one) => one.store === undefined);
  if (!set || 'errors' in set.compiled) {
    const first = faults[0] ? ` (${ruleErrorText(faults[0])})` : '';
    throw new PermanentError(
      'rule-file-invalid',
      `The rules in ${shownFolder(folder)} do not load${first}, so that nothing could be decided for this store. See: npx parley rules check`,
    );
  }
  const { currency, zone } = set.compiled.policy.shop;
  return { folder, areOwn: own !== undefined, files: set.files, currency, zone };
}

/** The same rules for a shop in another currency: the figures stay, their currency, the shop's name and its clock do not. */
export function adapted(rules: RulesOfStore, card: Pick<ShopCard, 'name' | 'currency' | 'zone'>): RuleFiles {
  const symbol = SYMBOLS[rules.currency];
  const written = SYMBOLS[card.currency];
  const amounts = (text: string) => {
    const named = text.replace(new RegExp(String.raw`(\d) ?${rules.currency}\b`, 'g'), `$1 ${card.currency}`);
    if (symbol === undefined) return named;
    const before = new RegExp(String.raw`${symbol === '$' ? '\\$' : symbol} ?(\d[\d,]*(?:\.\d+)?)`, 'g');
    return named.replace(before, (_whole, figure: string) =>
      written ? `${written}${figure}` : `${figure} ${card.currency}`,
    );
  };
  const files = Object.entries(rules.files).map(([name, text]): [string, string] => {
    const own = amounts(text);
    if (name !== 'shop.yaml') return [name, own];
    const line = (key: string, value: string) => new RegExp(`^${key}:.*$`, 'm').test(own) && { key, value };
    return [
      name,
      [
        line('name', JSON.stringify(card.name)),
        line('currency', card.currency),
        line('zone', JSON.stringify(card.zone)),
      ].reduce(
        (text, change) =>
          change ? text.replace(new RegExp(`^${change.key}:.*$`, 'm'), () => `${change.key}: ${change.value}`) : text,
        own,
      ),
    ];
  });
  return Object.fromEntries(files);
}

/** Writes rules of the store's own, if they load; answers the folder. What lies there already is not touched. */
export function writeAdapted(store: string, rules: RulesOfStore, card: ShopCard): string {
  const files = adapted(rules, card);
  const compiled = compileRuleSet(files, ruleSetHash(files));
  if ('errors' in compiled)
    throw new PermanentError(
      'rule-file-invalid',
      `The rules cannot be taken over to ${card.currency} by themselves: ${ruleErrorText(compiled.errors[0]!)}. Copy the files of ${shownFolder(rules.folder)} to ${shownFolder(join(rules.folder, store))} and change the amounts by hand.`,
    );
  const folder = join(rules.folder, store);
  try {
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { flag: 'wx' });
  } catch (cause) {
    throw new PermanentError('bad-config', `${shownFolder(folder)} cannot be written (${(cause as Error).message}).`, {
      cause,
    });
  }
  return shownFolder(folder);
}

export function currencyFault(rules: RulesOfStore, card: ShopCard, store: string): string | undefined {
  if (rules.currency === card.currency) return undefined;
  const where = rules.areOwn ? `The rules of ${store}` : 'The rules';
  const what = `${where} are in ${rules.currency}, and the shop sells in ${card.currency}: no amount in them could be compared with a price.`;
  return rules.areOwn
    ? `${what} Change the currency and the amounts in ${shownFolder(join(rules.folder, store))}.`
    : `${what} Give the shop rules of its own in ${shownFolder(join(rules.folder, store))}: with --copy-rules they are written with the same figures in ${card.currency}, for you to look through.`;
}
