import { existsSync } from 'node:fs';
import { compileRuleSet } from '#shared/policy/compile.ts';
import { diffRuleSets, ruleChangeText } from '#shared/policy/diff.ts';
import { type RuleFiles, ruleSetHash } from '#shared/runtime/rule-files.ts';
import type { Api } from '../api.ts';
import { type Command, EXIT, type Invocation, RULES_EXIT, UsageError } from '../command.ts';
import { type Fault, readRuleFolder, ruleFolder, shownFolder } from '../rule-folder.ts';
import { plural, sayFault } from '../source-lines.ts';

/** One of the two sets: its files, or what keeps it from loading. */
interface Side {
  readonly name: string;
  readonly files: RuleFiles;
  readonly faults: readonly Fault[];
}

const IN_FORCE = 'in-force';
const HASH = /^[0-9a-f]{6,64}$/;

export const rulesDiff: Command = {
  name: 'rules diff',
  operands: 'OLD NEW',
  about: 'Shows rule by rule how two sets differ, in the words that changed.',
  takes: [2, 2],
  options: {
    store: {
      type: 'string',
      value: 'STORE',
      about: 'the store whose rules are meant, where folders have several or there are several in force',
    },
  },
  examples: [
    'rules diff ./rules ./my-rules',
    `rules diff ${IN_FORCE} ./rules`,
    'rules diff 436e05d402c7 9b1f0c8a77d2 --json',
  ],
  exits: `${RULES_EXIT.fine} done, whether or not they differ, ${EXIT.failed} refused, ${EXIT.usage} wrong usage, ${RULES_EXIT.unloadable} one of the two does not load (or Parley does not answer, where a hash was named), ${EXIT.notFound} no such set.`,
  async run({ operands, options, api, output }: Invocation) {
    const store = typeof options.store === 'string' ? options.store : undefined;
    const [old, now] = [await sideOf(operands[0]!, store, api), await sideOf(operands[1]!, store, api)];
    const broken = [old, now].filter(({ faults }) => faults.length > 0);
    if (broken.length > 0) {
      for (const { name, faults } of broken) {
        output.say(`${name} does not load:`);
        for (const fault of faults) sayFault(fault, output);
      }
      output.result({ loads: false, faults: broken.flatMap(({ faults }) => faults) });
      return RULES_EXIT.unloadable;
    }
    const changes = diffRuleSets(old.files, now.files);
    for (const change of changes) for (const text of ruleChangeText(change)) output.say(text);
    const [from, to] = [ruleSetHash(old.files), ruleSetHash(now.files)];
    const same = from === to ? 'They are the same.' : 'They differ in comments and layout only.';
    output.say(changes.length === 0 ? same : `${plural(changes.length, 'difference')} from ${old.name} to ${now.name}`);
    output.result({ from, to, changes });
    return RULES_EXIT.fine;
  },
};

/** A folder, the hash of a set that the system has stored, or what is in force. */
async function sideOf(named: string, store: string | undefined, api: Api): Promise<Side> {
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
