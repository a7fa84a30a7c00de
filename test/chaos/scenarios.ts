import type { Strike } from './one-run.ts';
import { SERVICE_VICTIMS } from './processes.ts';
import type { Random } from './synthetic.ts';

/** The part of a replay in which processes are struck: it has begun, and what comes after the last strike is still long. */
const FROM = 0.05;
const TO = 0.75;

export interface Scenario {
  readonly name: string;
  readonly strikes: readonly Strike[];
}

/** Who is struck when, drawn from the seed: `replayMs` is how long the undisturbed replay took. */
export function scenarios(random: Random, replayMs: number, full: boolean): Scenario[] {
  const shared = [
    { name: 'every service once', strikes: spread(shuffled(SERVICE_VICTIMS, random), replayMs, random) },
    { name: 'the bus and the database', strikes: spread(['nats', 'postgres', 'nats', 'postgres'], replayMs, random) },
    { name: "the bus's store deleted", strikes: spread(['bus-wiped', 'bus-wiped'], replayMs, random) },
  ];
  if (!full) return shared;
  const alone = [...SERVICE_VICTIMS, 'nats', 'postgres'].map((victim) => ({
    name: `${victim} alone`,
    strikes: spread([victim, victim, victim], replayMs, random),
  }));
  return [...shared, ...alone];
}

/** One moment in each of as many equal parts as there are victims, so that none of them comes to nothing. */
function spread(victims: readonly string[], replayMs: number, random: Random): Strike[] {
  const part = ((TO - FROM) * replayMs) / victims.length;
  return victims.map((victim, index) => ({
    victim,
    atMs: Math.round(FROM * replayMs + part * (index + random())),
  }));
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
