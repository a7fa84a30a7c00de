import { type KeptRound, sourcesOf } from '#shared/judgement/record/again.ts';
import type { Sources } from '#shared/judgement/record/recalled.ts';
import { type Difference, recompute } from '#shared/judgement/record/recompute.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { line } from '#shared/kernel/plain-text.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Api } from '../api.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { keptPages, numberOption, policyOf, spanOf, storesOf } from '../kept-rounds.ts';
import type { Output } from '../output.ts';

/** Found: a decision does not come out as it is kept. */
const DIFFERS = 4;

type Found = Difference & { readonly store: string };

interface Counts {
  rounds: number;
  decisions: number;
  unrecorded: number;
  /** Decisions of rounds that another version of the judgement judged and this one judges otherwise. */
  otherwise: number;
  firstOtherwise: Found | undefined;
  first: Found | undefined;
}

export const auditRecompute: Command = {
  name: 'audit recompute',
  about: 'Judges every recorded round again, in this process, and compares each decision byte for byte.',
  takes: [0, 0],
  options: {
    store: { type: 'string', value: 'STORE', about: 'only this store  [all]' },
    from: { type: 'string', value: 'SEQ', about: 'from this place of its history on' },
    to: { type: 'string', value: 'SEQ', about: 'up to this place' },
  },
  examples: ['audit recompute', 'audit recompute --store sandbox --from 1000 --to 2000', 'audit recompute --json'],
  exits: `${EXIT.done} every decision comes out the same, ${EXIT.failed} it could not be done, ${EXIT.usage} wrong usage, ${EXIT.unreachable} Parley does not answer, ${DIFFERS} a decision differs: the first one is named, ${EXIT.otherVersion} only decisions of another version of the judgement differ.`,
  async run({ api, options, output }) {
    const from = numberOption('from', options.from, 1);
    const to = numberOption('to', options.to, 1);
    if (from !== undefined && to !== undefined && from > to)
      throw new UsageError(`--from ${from} lies behind --to ${to}: there is nothing between them.`);
    const named = typeof options.store === 'string' ? options.store : undefined;
    const counts: Counts = {
      rounds: 0,
      decisions: 0,
      unrecorded: 0,
      otherwise: 0,
      firstOtherwise: undefined,
      first: undefined,
    };
    const started = performance.now();
    for (const store of await storesOf(api, named)) {
      await recomputeStore(api, store, { after: from === undefined ? undefined : from - 1, to }, counts, output);
      if (counts.first) break;
    }
    const { first, firstOtherwise, ...counted } = counts;
    sayEnd(counts, performance.now() - started, output);
    output.result({
      ok: !first && !firstOtherwise,
      ...counted,
      equal: !first && !firstOtherwise,
      first: first ?? null,
      firstOtherwise: firstOtherwise ?? null,
    });
    if (first) return DIFFERS;
    return firstOtherwise ? EXIT.otherVersion : EXIT.done;
  },
};

async function recomputeStore(
  api: Api,
  store: string,
  wanted: { readonly after: number | undefined; readonly to: number | undefined },
  counts: Counts,
  output: Output,
): Promise<void> {
  const span = await spanOf(api, store, wanted);
  counts.unrecorded += span.unrecorded;
  const sets = new Map<string, Promise<Policy>>();
  let done = 0;
  for await (const page of keptPages(api, store, span)) {
    const sources = sourcesOf(page);
    for (const round of page.rounds) {
      const different = await recomputeRound(api, round, sources, sets);
      if (different && different.judgement === undefined) {
        counts.first = { store, ...different };
        return;
      }
      if (different) {
        counts.firstOtherwise ??= { store, ...different };
        counts.otherwise += round.decisions.length;
        continue;
      }
      counts.rounds++;
      counts.decisions += round.decisions.length;
    }
    done += page.rounds.length;
    if (page.next !== undefined) output.note(`${store}: ${done} of ${span.rounds} rounds`);
  }
}

async function recomputeRound(
  api: Api,
  round: KeptRound,
  sources: Sources,
  sets: Map<string, Promise<Policy>>,
): Promise<Difference | undefined> {
  const known = sets.get(round.ruleSet) ?? policyOf(api, round.ruleSet);
  sets.set(round.ruleSet, known);
  try {
    return recompute(round, await known, sources);
  } catch (thrown) {
    const error = toParleyError(thrown);
    if (error.reason === 'timeout' || error.reason === 'overloaded') throw thrown;
    const intent = round.decisions[0]?.intent;
    return { seq: round.seq, ...(intent ? { intent } : {}), differs: error.message };
  }
}

function sayEnd(counts: Counts, ms: number, output: Output): void {
  const { rounds, decisions, unrecorded, otherwise, firstOtherwise, first } = counts;
  if (first) {
    sayFound(first, 'Differs', output);
    output.say(`${decisions} decisions of ${rounds} rounds before it come out as they are kept.`);
    return;
  }
  output.say(
    `${decisions} decisions of ${rounds} rounds come out as they are kept, byte for byte (${Math.round(ms)} ms).`,
  );
  if (firstOtherwise) {
    sayFound(firstOtherwise, 'Another version', output);
    output.say(
      `${otherwise} decisions are of rounds that another version of the judgement judged and this one judges otherwise. Recompute them with the version of Parley that judged them.`,
    );
  }
  if (unrecorded > 0)
    output.say(`${unrecorded} decisions have no record of what they were judged on and could not be looked at.`);
}

function sayFound({ store, seq, intent, differs }: Found, title: string, output: Output): void {
  output.say(output.style(['bold', 'red'], title));
  output.say(`  ${line(store, 40)} #${seq}${intent ? `, intent ${line(intent, 120)}` : ''}`);
  output.say(`  ${line(differs, 600)}`);
}
