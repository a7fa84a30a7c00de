import type { ClashReport, PartyRow } from '#shared/store/pages/watch-report.ts';

const WENT = new Set(['granted', 'adjusted', 'merged']);

/** Who went ahead of whom: conflicts that are alike, counted, the most frequent first. */
export function clashesOf(rows: readonly PartyRow[]): ClashReport[] {
  const found = new Map<string, ClashReport>();
  for (const parties of Map.groupBy(rows, ({ seq, n }) => `${seq} ${n}`).values()) {
    for (const { winner, loser, end, rule, example } of outcomesOf(parties)) {
      // That a wish would change nothing is no clash of two.
      if (rule === 'no-op') continue;
      const { class: kind, stake } = parties[0]!;
      const key = [kind, winner, loser, end, rule].join('\n');
      const known = found.get(key);
      const mostRevenueMinor = Math.max(known?.mostRevenueMinor ?? 0, stake.revenueMinor ?? 0);
      const count = (known?.count ?? 0) + 1;
      found.set(key, {
        class: kind,
        winner,
        loser,
        end,
        rule,
        count,
        mostRevenueMinor,
        example: known?.example ?? example,
      });
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count || b.mostRevenueMinor - a.mostRevenueMinor);
}

type Ended = Pick<ClashReport, 'winner' | 'loser' | 'end' | 'rule' | 'example'>;

function outcomesOf(parties: readonly PartyRow[]): Ended[] {
  const went = parties.filter(({ verdict }) => verdict !== null && WENT.has(verdict));
  const stood = parties.filter(({ verdict }) => verdict === null);
  const stopped = parties.filter(({ verdict }) => verdict !== null && !WENT.has(verdict));
  if (stopped.length > 0) {
    // Of what is put to a person nobody has won; whoever is held back by what stands, is held back by that.
    const first = went[0] ?? stood[0];
    return stopped.map((party) => ({
      winner: party.verdict === 'escalated' ? 'a person decides' : first ? nameOf(first) : 'the rules',
      loser: nameOf(party),
      end: party.verdict!,
      rule: party.rule ?? 'none',
      example: party.id,
    }));
  }
  const [winner] = went;
  if (!winner) return [];
  return stood.map((party) => ({
    winner: nameOf(winner),
    loser: nameOf(party),
    end: 'displaced',
    rule: winner.rule ?? 'none',
    example: winner.id,
  }));
}

const nameOf = ({ agent, action }: PartyRow) => `${agent} ${action}`;
