import type { Strike } from './one-run.ts';
import { SERVICE_VICTIMS } from './processes.ts';
import type { Random } from './synthetic.ts';

/** A stretch of time in milliseconds after the system was ready. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Times {
  readonly replay: Stretch;
  /** The part in which the file is sent; decisions follow behind. */
  readonly sending: Stretch;
}

/** Whoever takes webhooks in or sends them is struck while that happens; the others may be struck later too. */
const AT_THE_DOOR: ReadonlySet<string> = new Set(['gateway', 'sandbox', 'postgres']);

/** The part of a stretch in which is struck: it has begun, and what comes after the last strike is still long. */
const FROM = 0.1;
const TO = 0.75;

export interface Scenario {
  readonly name: string;
  readonly strikes: readonly Strike[];
}

/** Who is struck when, drawn from the seed: `times` are those of the undisturbed replay. */
export function scenarios(random: Random, times: Times, full: boolean): Scenario[] {
  const shared = [
    { name: 'every service once', strikes: spread(shuffled(SERVICE_VICTIMS, random), times, random) },
    { name: 'the bus and the database', strikes: spread(['nats', 'postgres', 'nats', 'postgres'], times, random) },
    { name: "the bus's store deleted", strikes: spread(['bus-wiped', 'bus-wiped'], times, random) },
  ];
  if (!full) return shared;
  const alone = [...SERVICE_VICTIMS, 'nats', 'postgres'].map((victim) => ({
    name: `${victim} alone`,
    strikes: spread([victim, victim, victim], times, random),
  }));
  return [...shared, ...alone];
}

/** One moment in each of as many equal parts as there are victims, so that none of them comes to nothing. */
function spread(victims: readonly string[], times: Times, random: Random): Strike[] {
  const moments = (group: readonly string[], { fromMs, toMs }: Stretch): Strike[] =>
    group.map((victim, index) => {
      const share = FROM + ((TO - FROM) * (index + random())) / group.length;
      return { victim, atMs: Math.round(fromMs + (toMs - fromMs) * share) };
    });
  const atTheDoor = (victim: string) => AT_THE_DOOR.has(victim);
  return [
    ...moments(victims.filter(atTheDoor), times.sending),
    ...moments(
      victims.filter((victim) => !atTheDoor(victim)),
      times.replay,
    ),
  ].sort((a, b) => a.atMs - b.atMs);
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
